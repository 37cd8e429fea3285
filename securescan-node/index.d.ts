/// <reference types="node" />
import type { ErrorCode, RenderFormat, BinaryFormat, ReportFormat, ScannerName, EngineScanOptions } from './types'

export type { BinaryFormat, ErrorCode, RenderFormat, ReportFormat, ScannerName } from './types'

/** What is read: text, or its bytes in UTF-8. Bytes are copied before another thread looks at them. */
export type Input = string | Uint8Array

export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info'
export type ScanType = 'code' | 'dependency' | 'iac' | 'baseline' | 'dast' | 'network'
export type Confidence = 'high' | 'medium' | 'low'
/** How a scanner's run ended; only `ok` and `not_applicable` looked at everything. */
export type RunStatus = 'ok' | 'partial' | 'failed' | 'timed_out' | 'skipped' | 'not_applicable'
/** `v2` is the default; `v1` is byte-compatible with SecureScan 0.11 for Python. */
export type Scheme = 'v1' | 'v2'
export type SortKey = 'canonical' | 'severity' | 'scanner' | 'rule_id' | 'file_path' | 'title'
export type GroupKey = 'severity' | 'scanner' | 'scan_type' | 'rule_id' | 'file_path' | 'cwe' | 'package'

/** The package a dependency finding is about. */
export interface Package {
  ecosystem: string
  name: string
  version: string | null
  fixed_version: string | null
  purl: string | null
}

/** One normalised statement of a problem. The names are those of the JSON every surface writes. */
export interface Finding {
  /** `f-` and 12 hexadecimal digits; empty until identified. */
  id: string
  scan_id: string | null
  /** Registry name of the scanner, or the tool's own name for imported reports. */
  scanner: string
  scan_type: ScanType
  severity: Severity
  confidence: Confidence | null
  title: string
  description: string
  remediation: string
  /** Forward slashes, relative to the scanned folder. */
  file_path: string | null
  /** 1-based. */
  line: number | null
  /** 1-based, in characters. */
  column: number | null
  /** 1-based, inclusive. */
  end_line: number | null
  /** 1-based, exclusive. */
  end_column: number | null
  rule_id: string | null
  /** `CWE-95` form. */
  cwe: string | null
  vulnerability_ids: string[]
  package: Package | null
  references: string[]
  /** 64 hexadecimal digits; empty until identified. */
  fingerprint: string
  compliance_tags: string[]
  metadata: { suppressed_by?: 'inline' | 'config' | 'baseline' | null; original_severity?: Severity | null; [key: string]: unknown }
}

/** A finding as it may come in: what is not there is null or empty, other keys are ignored. */
export type FindingInput = Pick<Finding, 'scanner' | 'scan_type' | 'severity' | 'title'> & { readonly [key in keyof Finding]?: Finding[key] | null }

/** One line of the coverage: what was and was not looked at. */
export interface ScannerRun {
  name: string
  scan_type: ScanType
  status: RunStatus
  /** Why, when the status is not `ok`. */
  reason: string | null
  install_hint: string | null
  version: string | null
  /** Wall time in seconds; null in every deterministic output. */
  duration_s: number | null
  /** Before deduplication. */
  findings_count: number
  targets: string[]
  /** Files that should have been looked at and were not. */
  skipped: { path: string; why: string }[]
}

/** The schema `securescan/snapshot@1`: findings with the coverage they rest on. */
export interface Snapshot {
  schema?: string
  target?: string
  scanners?: readonly Partial<ScannerRun>[]
  findings: readonly FindingInput[]
}

export interface SuppressedCounts {
  inline: number
  config: number
  baseline: number
}

/** Whatever holds findings. */
export type FindingsLike = Findings | ScanResult | readonly FindingInput[] | Snapshot

/** Which findings to keep: those that meet every condition given. A list is met by any of its items. */
export interface Conditions {
  severity?: Severity | readonly Severity[]
  /** At least this severe. */
  minSeverity?: Severity
  scanner?: string | readonly string[]
  scanType?: ScanType | readonly ScanType[]
  ruleId?: string | readonly string[]
  /** `CWE-95` form. */
  cwe?: string | readonly string[]
  /** In one of these files, or below one of these folders. */
  path?: string | readonly string[]
  complianceTag?: string | readonly string[]
  suppressed?: boolean
  /** With this text in title, description, rule or path, letter case aside. */
  text?: string
}

/** For calls that can be stopped: they reject at once with the code `cancelled`, the signal's reason as `cause`. */
export interface Stoppable {
  signal?: AbortSignal | null
}

export interface ParseOptions {
  /** The format, by the tool's name; default: what the content shows. */
  tool?: ReportFormat | null
  /** The folder that absolute paths in the report are made relative to. */
  root?: string | null
  /** Default 4 GiB. */
  maxBytes?: number
  /** Default 5,000,000. */
  maxFindings?: number
}

export interface ProcessOptions {
  /** The folder the findings' paths are relative to: lines are read from there. */
  root?: string | null
  /** Texts by path, in the place of a folder; looked at only without `root`. */
  files?: { readonly [path: string]: Input } | null
  /** Severity overrides and ignored rules; or the text of a configuration file. */
  config?: Config | string | null
  /** What is known already; or the text of a baseline file. */
  baseline?: Baseline | Input | null
  /** Whether anything is suppressed at all; default true. */
  suppress?: boolean
}

export interface RenderOptions {
  /** The base of a difference as the reader knows it: a branch, a commit. */
  baseRef?: string | null
  /** The head of a difference as the reader knows it. */
  headRef?: string | null
  /** Show suppressed findings too, marked. */
  showSuppressed?: boolean
  /** Colours, in `text`. */
  color?: boolean
  /** Wrap `text` at so many columns; default never. */
  width?: number | null
  /** Show the matched source in `text`, where it was kept and is no secret. */
  showSource?: boolean
  /** The gate, for the summary. */
  failOnSeverity?: Severity | null
  /** `owner/name` on the code host. */
  repo?: string | null
  /** The commit that was scanned. */
  sha?: string | null
  /** Show wall times, which differ from run to run. */
  timings?: boolean
  /** More about each finding and scanner, in `text`. */
  verbose?: boolean
  /** The moment of the scan for formats that demand one, `2026-01-02T03:04:05Z`; default the year 1970, so that bytes do not change. */
  time?: string | null
  /** When the output was made, as it is to be shown in reports; default not shown. */
  generatedAt?: string | null
  /** What a review does beside commenting, in `github-review`. */
  reviewEvent?: 'COMMENT' | 'REQUEST_CHANGES' | 'APPROVE'
  /** Leave out what readers may commit or copy, in `github-review`. */
  noSuggestions?: boolean
}

export interface SbomOptions {
  /** Default `cyclonedx`. */
  format?: 'cyclonedx' | 'spdx'
  /** What the bill is of; default: what the manifests say. */
  name?: string | null
  /** ISO 8601 in UTC; default the year 1970, so that bytes do not change. */
  created?: string | null
}

/** A live event of a scan; `event` is its name. */
export interface ScanEvent {
  event:
    | 'scan.start'
    | 'scanner.start'
    | 'scanner.waiting'
    | 'scanner.skipped'
    | 'scanner.complete'
    | 'scanner.failed'
    | 'scan.complete'
    | 'scan.cancelled'
    | 'scan.failed'
  /** The scanner, in the events of one. */
  name?: string
  [key: string]: unknown
}

/** What a scan is told; the engine's own options are in `EngineScanOptions`. */
export interface ScanOptions extends Omit<EngineScanOptions, 'config' | 'baseline'>, Stoppable {
  /** A configuration, or the text of one, in the place of the one found. */
  config?: Config | string | null
  /** What is known already: it is suppressed. A baseline, or the text of one. */
  baseline?: Baseline | string | null
  /** Called with each event as it happens. What it throws cancels the scan, which then rejects with that. */
  onEvent?: ((event: ScanEvent) => void | Promise<void>) | null
}

/** Whether a scanner can run here. */
export interface ScannerStatus {
  name: ScannerName
  scan_type: ScanType
  about: string
  available: boolean
  installed: boolean
  version: string | null
  notes: string | null
  install_hint: string | null
}

export interface Summary {
  total: number
  critical: number
  high: number
  medium: number
  low: number
  info: number
  /** In none of the other counts. */
  suppressed: number
  /** 0 to 100, one decimal. */
  risk_score: number
  scanners_run: string[]
}

export interface Coverage {
  frameworks: {
    [id: string]: { id: string; name: string; version: string; controls: string[]; observed: string[]; coverage_pct: number; findings: { [control: string]: number } }
  }
}

/** A problem of a configuration text. */
export interface Issue {
  severity: 'error' | 'warning'
  message: string
  location: string | null
  line: number | null
  column: number | null
}

/** Anything this package refuses or fails at. */
export class SecureScanError extends Error {
  private constructor()
  /** A stable word. */
  readonly code: ErrorCode
  /** The file the error is in, if known. */
  readonly file?: string
  /** 1-based, if known. */
  readonly line?: number
  /** 1-based, if known. */
  readonly column?: number
  /** 0-based offset, if known. */
  readonly byte?: number
  /** What to do about it, if known. */
  readonly hint?: string
}

/**
 * An immutable list of findings with the coverage they rest on. The findings stay in the engine; one is converted when it is
 * looked at. What selects or orders shares them. Everything here but `dedup` ends at once, as the methods of an array do.
 */
export class Findings implements Iterable<Finding> {
  private constructor()
  /** Reads an array of findings or a snapshot, as values, text or bytes. For large documents there is `parse`, which does not block. */
  static fromJSON(document: Input | readonly FindingInput[] | Snapshot): Findings
  /** How many. */
  readonly length: number
  /** What was scanned, as the user named it; empty when unknown. */
  readonly target: string
  /** The coverage; empty when unknown. */
  readonly scanners: ScannerRun[]
  /** How many are suppressed, by what. */
  readonly suppressed: SuppressedCounts
  /** One of them; negative positions count from the end. */
  at(index: number): Finding | undefined
  /** Those from `start` to before `end`, as `Array.prototype.slice`. */
  slice(start?: number, end?: number): Findings
  /** Those that meet conditions, or that a function says yes to. */
  filter(wanted: Conditions | ((finding: Finding, index: number) => unknown)): Findings
  /** All in another order; `canonical`, the order of every output, by default. */
  sort(key?: SortKey, options?: { reverse?: boolean }): Findings
  /** Parts by a key, those without it last under `null`. */
  groupBy(key: GroupKey): Map<string | null, Findings>
  /** These, then those of others. */
  concat(...others: FindingsLike[]): Findings
  /** One finding for one thing, whoever reports it; identified and in canonical order. */
  dedup(): Promise<Findings>
  /** As `dedup`, at once. */
  dedupSync(): Findings
  /** Whether target, coverage and every finding in order are the same. */
  equals(other: unknown): boolean
  /** All of them as an array. */
  toJSON(): Finding[]
  /** The snapshot as text: target, coverage and findings. */
  toSnapshot(): string
  [Symbol.iterator](): IterableIterator<Finding>
}

/** A baseline file: what is known already. */
export class Baseline {
  private constructor()
  /** Reads a baseline's text; `file` names it in errors. */
  static parse(document: Input, options?: { file?: string }): Baseline
  /** Reads a baseline file. */
  static read(path: string): Baseline
  /** A baseline of all findings given, suppressed ones included. */
  static fromFindings(findings: FindingsLike, options?: { targetPath?: string; scanTypes?: readonly ScanType[] }): Baseline
  readonly length: number
  readonly targetPath: string
  readonly scanTypes: ScanType[]
  /** The text of the file. */
  toString(): string
  toJSON(): { findings: { [key: string]: unknown }[]; [key: string]: unknown }
}

/** A configuration: what a project decided. */
export class Config {
  private constructor()
  /** Reads a configuration's text; `file` names it in errors. */
  static parse(document: string, options?: { file?: string }): Config
  /** Reads a configuration file. */
  static load(path: string): Config
  /** The configuration that applies to a folder, there or above up to the repository; null without one. */
  static discover(start?: string): Config | null
  /** Every problem of a configuration's text. */
  static lint(document: string, options?: { file?: string }): Issue[]
  /** The file it was read from; null when it was none. */
  readonly file: string | null
  readonly scanTypes: ScanType[]
  readonly severityOverrides: { [rule: string]: Severity }
  readonly ignoredRules: string[]
  readonly semgrepRules: string[]
  readonly failOnSeverity: Severity | null
  toJSON(): { [key: string]: unknown }
}

/** What a scan gave. */
export class ScanResult {
  private constructor()
  /** In canonical order, suppressed ones included and marked. */
  readonly findings: Findings
  readonly target: string
  readonly scanners: ScannerRun[]
  readonly suppressed: SuppressedCounts
  /** How many severities the configuration changed. */
  readonly overridden: number
  /** What is odd about the suppressions. */
  readonly notices: { file: string | null; line: number | null; message: string }[]
  /** The configuration file that was found. */
  readonly configFile: string | null
  /** The folder the findings' paths are relative to. */
  readonly root: string
  /** Whether every scanner that started looked at everything: incomplete is not clean. */
  readonly complete: boolean
  toJSON(): { target: string; scanners: ScannerRun[]; findings: Finding[]; [key: string]: unknown }
}

/** What changed between two sides. */
export class Diff {
  private constructor()
  /** Only in head. */
  readonly new: Findings
  /** Only in base, and the scanner completed on head. */
  readonly fixed: Findings
  /** In both, as head has them. */
  readonly unchanged: Findings
  /** Only in base, and the scanner did not look: nothing is known. */
  readonly notScanned: Findings
  /** Unchanged findings whose severity rose, with the one they had. */
  readonly raised: { fingerprint: string; severity: Severity }[]
  toJSON(): { new: Finding[]; fixed: Finding[]; unchanged: Finding[]; not_scanned: Finding[] }
}

/** What changed since a baseline. */
export class Comparison {
  private constructor()
  /** Not in the baseline. */
  readonly new: Findings
  /** Only in the baseline, and the scanner completed. */
  readonly disappeared: Findings
  /** In both. */
  readonly stillPresent: Findings
  /** Only in the baseline, and the scanner did not look: nothing is known. */
  readonly notScanned: Findings
  /** Findings still present whose severity rose, with the one they had. */
  readonly raised: { fingerprint: string; severity: Severity }[]
  toJSON(): { new: Finding[]; disappeared: Finding[]; still_present: Finding[]; not_scanned: Finding[] }
}

/** The events of a scan in a `for await`; leaving the loop cancels the scan. */
export interface ScanEvents extends AsyncIterableIterator<ScanEvent> {
  /** The result, once the scan is through. */
  readonly result: Promise<ScanResult>
  return(value?: unknown): Promise<IteratorResult<ScanEvent, undefined>>
  throw(error?: unknown): Promise<IteratorResult<ScanEvent, undefined>>
}

/** Reads a report of any known format. */
export function parse(report: Input, options?: ParseOptions & Stoppable): Promise<Findings>
/** As `parse`, at once. */
export function parseSync(report: Input, options?: ParseOptions): Findings
/** Reads a report piece by piece: memory holds the findings, not the document. The source waits when the reader does. */
export function parseStream(source: AsyncIterable<Input> | Iterable<Input>, options?: ParseOptions & Stoppable): Promise<Findings>

/** The whole pipeline: identified, deduplicated, severities overridden, suppressed ones marked, tagged, in canonical order. */
export function process(findings: FindingsLike, options?: ProcessOptions & Stoppable): Promise<Findings>
/** As `process`, at once. */
export function processSync(findings: FindingsLike, options?: ProcessOptions): Findings

/** What is new, fixed and unchanged between two sides. */
export function diff(base: FindingsLike, head: FindingsLike, options?: Stoppable): Promise<Diff>
/** As `diff`, at once. */
export function diffSync(base: FindingsLike, head: FindingsLike): Diff

/** What appeared and disappeared since a baseline. */
export function compare(baseline: Baseline | Input, current: FindingsLike, options?: Stoppable): Promise<Comparison>
/** As `compare`, at once. */
export function compareSync(baseline: Baseline | Input, current: FindingsLike): Comparison

/** Findings or a difference in a format. `encoding: 'buffer'` gives the bytes, which is what large outputs are best as. */
export function render(subject: FindingsLike | Diff | Comparison, format: BinaryFormat, options?: RenderOptions & Stoppable & { encoding?: 'utf8' | 'buffer' }): Promise<Buffer>
export function render(subject: FindingsLike | Diff | Comparison, format: RenderFormat, options: RenderOptions & Stoppable & { encoding: 'buffer' }): Promise<Buffer>
export function render(subject: FindingsLike | Diff | Comparison, format: RenderFormat, options?: RenderOptions & Stoppable & { encoding?: 'utf8' }): Promise<string>
/** As `render`, at once. */
export function renderSync(subject: FindingsLike | Diff | Comparison, format: BinaryFormat, options?: RenderOptions & { encoding?: 'utf8' | 'buffer' }): Buffer
export function renderSync(subject: FindingsLike | Diff | Comparison, format: RenderFormat, options: RenderOptions & { encoding: 'buffer' }): Buffer
export function renderSync(subject: FindingsLike | Diff | Comparison, format: RenderFormat, options?: RenderOptions & { encoding?: 'utf8' }): string

/** The bill of materials of a folder, or of manifests given by path. */
export function sbom(source: string | { readonly [path: string]: Input }, options?: SbomOptions & Stoppable): Promise<string>
/** As `sbom`, at once. */
export function sbomSync(source: string | { readonly [path: string]: Input }, options?: SbomOptions): string

/**
 * Scans a folder, a file, an `http(s)://` address or a host, on a thread of its own. Stopping it by the signal rejects with the
 * code `cancelled` once nothing runs any more.
 */
export function scan(target: string, options?: ScanOptions): Promise<ScanResult>
/** As `scan`, with its events in a `for await`. */
export function scanEvents(target: string, options?: Omit<ScanOptions, 'onEvent'>): ScanEvents

/** Each scanner, and whether it can run here. */
export function status(options?: Stoppable): Promise<ScannerStatus[]>
/** As `status`, at once; it asks installed tools for their version, which takes a while. */
export function statusSync(): ScannerStatus[]

/** Counts by severity and the risk score, over what is not suppressed. */
export function summary(findings: FindingsLike): Summary
/** 0 to 100, one decimal. */
export function riskScore(findings: FindingsLike): number
/** Which compliance controls findings touch. */
export function coverage(findings: FindingsLike): Coverage

/** The fields identity looks at; absent ones are null, others are ignored. */
export interface IdentityFields {
  scanner?: string | null
  rule_id?: string | null
  file_path?: string | null
  cwe?: string | null
  metadata?: { line_snippet?: string | null; [key: string]: unknown } | null
  [key: string]: unknown
}

/** The fingerprint of a finding: 64 hexadecimal digits. */
export function fingerprint(finding: IdentityFields, options?: { scheme?: Scheme }): string
/** The normal form of a source snippet, as `fingerprint` uses it. `path` tells the language. */
export function normalizedLineContext(snippet: string, options?: { scheme?: Scheme; path?: string | null }): string
/** The compliance tags of one finding. */
export function complianceTags(finding: IdentityFields): string[]

/**
 * Whether a webhook's signature is right. `body` is the raw body as it came. A header that is missing or there twice is no
 * signature. `tolerance` and `now` are in seconds; by default 300 and the clock of this machine.
 */
export function verifyWebhook(secret: string, header: string | readonly string[] | null | undefined, body: Input, options?: { tolerance?: number; now?: number }): boolean

/** Runs an operation by name over JSON text: the facade under everything above. Gives canonical JSON. */
export function _call(op: string, request: string): string
/** How the addon was built. */
export function buildInfo(): { version: string; profile: 'debug' | 'release'; platform: string; arch: string; node: string; napi: string }
/** The version of the engine. */
export const version: string
