"""What a type checker must accept."""

import asyncio
from pathlib import Path

import securescan
from securescan import Finding, Findings, ScanType, Severity

findings: Findings = securescan.parse(b"[]", tool="sarif", root=Path("."))
one: Finding = findings[0]
some: Findings = findings[1:]
line: int | None = one.line
groups: dict[str | None, Findings] = findings.group_by("severity")
kept: Findings = findings.filter(severity=[Severity.HIGH, "low"], path="src", suppressed=False)
text: str = securescan.render(findings, "sarif", show_suppressed=True, fail_on_severity=Severity.HIGH)
pdf: bytes = securescan.render(findings, "report-pdf")
new: Findings = securescan.diff(findings, some).new
gone: Findings = securescan.compare(securescan.Baseline.loads("{}"), findings).disappeared
total: int = securescan.summary(findings)["total"]
result: securescan.ScanResult = securescan.scan(".", types=[ScanType.CODE, "iac"], on_event=lambda event: print(event["event"]))
status: str = result.scanners[0]["status"]
available: bool = securescan.status()[0]["available"]
try:
    securescan.Config.parse("")
except securescan.SecureScanError as error:
    code: str | None = error.code


async def main() -> None:
    done: securescan.ScanResult = await securescan.scan_async(".", scanners=["secrets"], timeout=3.5)
    stream = securescan.scan_events(".", online=False)
    async for event in stream:
        print(event["event"], done)
    print(stream.result)


asyncio.run(main())
