// Right uses, each export at least once: this must compile.
import { createReadStream } from 'node:fs'
import securescan, {
  Baseline,
  Comparison,
  Config,
  Diff,
  Findings,
  ScanResult,
  SecureScanError,
  _call,
  buildInfo,
  compare,
  compareSync,
  complianceTags,
  coverage,
  diff,
  diffSync,
  fingerprint,
  normalizedLineContext,
  parse,
  parseStream,
  parseSync,
  process as run,
  processSync,
  render,
  renderSync,
  riskScore,
  sbom,
  sbomSync,
  scan,
  scanEvents,
  status,
  statusSync,
  summary,
  verifyWebhook,
  version,
} from 'securescan'
import type { Conditions, ErrorCode, Finding, GroupKey, ReportFormat, ScanEvent, ScanOptions, Severity, SortKey } from 'securescan'

const { signal } = new AbortController()

export async function reading(): Promise<Findings> {
  const a: Findings = await parse(Buffer.from('[]'), { tool: 'semgrep', root: '/src', maxBytes: 1, maxFindings: 2, signal })
  const b: Findings = await parse(new Uint8Array(2))
  const c: Findings = parseSync('[]', { tool: null })
  const d: Findings = await parseStream(createReadStream('report.json'), { signal })
  const e: Findings = await parseStream(['[', new Uint8Array([0x5d])])
  return a.concat(b, c, d, e, [{ scanner: 's', scan_type: 'code', severity: 'low', title: 't', line: 3, package: null }])
}

export async function lists(findings: Findings): Promise<void> {
  const wanted: Conditions = { severity: ['high', 'critical'], minSeverity: 'low', ruleId: 'B1', path: ['src'], suppressed: false }
  const key: SortKey = 'file_path'
  const group: GroupKey = 'severity'
  const one: Finding | undefined = findings.filter(wanted).sort(key, { reverse: true }).slice(0, -1).at(-1)
  const severity: Severity | undefined = one?.severity
  const parts: Map<string | null, Findings> = findings.groupBy(group)
  for (const finding of findings) console.log(finding.line ?? 0, finding.package?.purl, finding.metadata.suppressed_by, severity, parts)
  const [first] = findings
  const array: Finding[] = [...findings.filter((finding, index) => index > 2 && finding.cwe !== null)]
  const deduplicated: Findings[] = [await findings.dedup(), findings.dedupSync()]
  const texts: string = findings.toSnapshot() + findings.target + JSON.stringify(findings)
  const same: boolean = findings.equals(Findings.fromJSON(findings.toJSON()))
  console.log(first?.id, array.length, deduplicated, texts, same, findings.scanners[0]?.status, findings.suppressed.inline, findings.length)
}

export async function steps(findings: Findings, result: ScanResult): Promise<void> {
  const config = Config.discover('.') ?? Config.parse('ignored_rules: []', { file: 'x.yml' })
  const baseline = Baseline.fromFindings(result, { targetPath: '.', scanTypes: ['code'] })
  const done: Findings = await run(findings, { root: '.', config, baseline, suppress: true, files: { 'a.py': 'x', b: Buffer.from('y') }, signal })
  const twin: Findings = processSync([], { config: 'version: 1', baseline: Buffer.from('{}') })
  const change: Diff = await diff(done, twin, { signal })
  const comparison: Comparison = await compare(baseline, result)
  const lengths: number[] = [change.new, change.fixed, change.unchanged, change.notScanned, comparison.disappeared, comparison.stillPresent].map((f) => f.length)
  const text: string = await render(change, 'sarif', { baseRef: 'main', repo: 'a/b', signal })
  const bytes: Buffer = await render(findings, 'sarif', { encoding: 'buffer' })
  const pdf: Buffer = await render(findings, 'report-pdf')
  const twins: [string, Buffer, Buffer] = [renderSync(comparison, 'text', { color: false }), renderSync([], 'json', { encoding: 'buffer' }), renderSync(result, 'report-pdf')]
  console.log(diffSync([], []).raised[0]?.severity, compareSync('{}', []).raised, lengths, text, bytes, pdf, twins)
  console.log(summary(result).risk_score + riskScore(findings), coverage(findings).frameworks['owasp']?.coverage_pct, config.failOnSeverity, config.file)
  console.log(Config.load('x').toJSON(), Config.lint('x')[0]?.line, Baseline.read('x').toString(), Baseline.parse('{}').toJSON().findings.length)
}

export async function scanning(): Promise<void> {
  const options: ScanOptions = { types: ['code', 'iac'], scanners: ['secrets'], timeout: 5, scannerTimeouts: { semgrep: 3 }, toolPaths: { bandit: '/bin/bandit' }, signal }
  const result: ScanResult = await scan('.', { ...options, onEvent: (event: ScanEvent) => console.log(event.event, event.name) })
  const complete: boolean = result.complete
  const events = scanEvents('.', { jobs: 2 })
  for await (const event of events) if (event.event === 'scan.complete') break
  const later: ScanResult = await events.result
  console.log(complete, later.findings.length, result.notices[0]?.message, result.configFile, result.root, result.suppressed, result.overridden)
  console.log((await status({ signal }))[0]?.available, statusSync()[0]?.install_hint)
}

export async function rest(error: unknown): Promise<void> {
  if (error instanceof SecureScanError) {
    const code: ErrorCode = error.code
    console.log(code, error.file, error.line, error.column, error.byte, error.hint, error.cause)
  }
  const tool: ReportFormat = 'sarif'
  const texts: string[] = [fingerprint({ scanner: 's' }, { scheme: 'v1' }), normalizedLineContext('x', { path: 'a.py' }), ...complianceTags({ cwe: 'CWE-95' })]
  const bill: string = (await sbom('.', { format: 'spdx', signal })) + sbomSync({ 'package.json': '{}' }, { name: 'x' })
  const valid: boolean = verifyWebhook('secret', undefined, Buffer.from('body'), { tolerance: 5, now: 1 })
  console.log(tool, texts, bill, valid, _call('version', '{}'), buildInfo().profile, version, securescan.version, securescan.parse)
}
