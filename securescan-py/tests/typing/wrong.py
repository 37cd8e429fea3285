"""What a type checker must reject: each line is wrong, and an ignore that is not needed is an error too."""

import securescan
from securescan import Findings

findings = Findings()
securescan.parse(5)  # type: ignore[arg-type]
securescan.process([{}])  # type: ignore[arg-type]
findings.filter(colour="red")  # type: ignore[call-arg]
findings.filter(suppressed="yes")  # type: ignore[arg-type]
findings.sort("colour")  # type: ignore[arg-type]
findings["0"]  # type: ignore[call-overload]
findings[0].title = "x"  # type: ignore[misc]
findings[0].colour  # type: ignore[attr-defined]
text: bytes = securescan.render(findings, "text")  # type: ignore[assignment]
securescan.render(findings, "text", colour=True)  # type: ignore[call-overload]
securescan.diff(findings)  # type: ignore[call-arg]
securescan.compare(findings, findings)  # type: ignore[arg-type]
securescan.scan(".", timeout="3")  # type: ignore[arg-type]
securescan.scan(".", on_event=5)  # type: ignore[arg-type]
securescan.scan_async(".", scaners=["x"])  # type: ignore[call-arg,unused-coroutine]
securescan.fingerprint({}, scheme="v3")  # type: ignore[arg-type]

