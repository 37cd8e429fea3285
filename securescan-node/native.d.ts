// Generated from the addon by scripts/types.mjs: do not edit. The public face is index.d.ts.

/** A baseline file. */
export declare class Baseline {
  private constructor()
  /** Reads a baseline's text; `file` names it in errors. */
  static parse(text: Bytes, file: string): Baseline
  /** Reads a baseline file. */
  static read(path: string): Baseline
  /** A baseline of all the findings. */
  static of(findings: Findings, targetPath: string, scanTypes: string): Baseline
  /** Its text, as it is written to a file. */
  toText(): string
  /** How many entries. */
  get length(): number
  /** What was scanned. */
  get targetPath(): string
  /** The kinds of scan, JSON. */
  scanTypes(): string
}

/** Bytes on their way in, filled piece by piece. */
export declare class Bytes {
  /** Room for so many bytes. */
  constructor(capacity: number)
  /** Copies a piece. */
  push(piece: Uint8Array): void
  /** Copies a piece of text, as UTF-8. */
  pushText(piece: string): void
}

/** A configuration. */
export declare class Config {
  private constructor()
  /** Reads a configuration's text; `file` names it in errors. */
  static parse(text: string, file: string): Config
  /** Reads a configuration file. */
  static load(path: string): Config
  /** The configuration that applies to a folder: there or above, up to the repository. */
  static discover(start: string): Discovered | null
  /** Its values, JSON. */
  toText(): string
}

/** What changed between two sides. */
export declare class Difference {
  private constructor()
  /** Only in head, or now. */
  added(): Findings
  /** Only in base: fixed, or disappeared. */
  gone(): Findings
  /** In both. */
  kept(): Findings
  /** Only in base, and nobody looked. */
  notScanned(): Findings
  /** Unchanged findings whose severity rose: JSON, pairs of fingerprint and the severity they had. */
  raised(): string
}

/** A configuration and the file it was found in. */
export interface Discovered {
  /** The file. */
  file: string
  /** What it says. */
  config: Config
}

/** Texts by path: the sources of `process`, the manifests of `sbom`. */
export declare class Files {
  /** None yet. */
  constructor()
  /** Adds one. */
  put(path: string, content: Bytes): void
}

/** An immutable list of findings with the coverage they rest on. */
export declare class Findings {
  private constructor()
  /** Reads an array of findings or a snapshot. */
  static fromJson(document: Bytes): Findings
  /** Tells the garbage collector what these weigh; for those that came by a callback. */
  weigh(): void
  /** How many. */
  get length(): number
  /** One of them, JSON; null beyond the end. */
  at(index: number): string | null
  /** Those at the positions, in that order. */
  select(positions: Uint32Array): Findings
  /** Those from `start` to before `end`. */
  slice(start: number, end: number): Findings
  /** Those that meet conditions, JSON. */
  filter(conditions: string): Findings
  /** All in another order. */
  sort(key: string, reverse: boolean): Findings
  /** Parts by a key. */
  groupBy(key: string): Array<Group>
  /** These, then those of another. */
  concat(other: Findings): Findings
  /** One finding for one thing, whoever reports it. */
  dedup(): Promise<Findings>
  /** As `dedup`, at once. */
  dedupSync(): Findings
  /** The array, JSON. */
  toJson(): string
  /** The snapshot, JSON. */
  toSnapshot(): string
  /** What was scanned. */
  get target(): string
  /** The coverage, JSON. */
  scanners(): string
  /** How many are suppressed, by what, JSON. */
  suppressed(): string
  /** Whether target, coverage and findings are the same. */
  equals(other: Findings): boolean
  /** Counts and score, JSON. */
  summary(): string
  /** 0 to 100, one decimal. */
  riskScore(): number
  /** Compliance controls, JSON. */
  coverage(): string
}

/** One part of [`Findings::group_by`]. */
export interface Group {
  /** What they have in common; null: findings without it. */
  key?: string
  /** They. */
  findings: Findings
}

/** A report on its way in. Letting go of it ends the reading. */
export declare class ReportStream {
  /** Starts the reader. */
  constructor(options: string, callback: (kind: 'taken' | 'error' | 'done', taken: number, text?: string | null, findings?: Findings | null) => void)
  /** Hands over a copy of a piece. */
  push(piece: Uint8Array): void
  /** Hands over a piece of text, as UTF-8. */
  pushText(piece: string): void
  /** No more will come. */
  end(): void
  /** No more can come: what was read counts for nothing. */
  fail(): void
}

/** A scan that runs. Letting go of it cancels it, and waits for the end of what it started. */
export declare class Running {
  private constructor()
  /** Asks it to stop; the callback is still told how it ended. */
  cancel(): void
}

/** What a scan gave. */
export declare class Scanned {
  private constructor()
  /** The findings with their coverage. */
  findings(): Findings
  /** Everything beside them, JSON. */
  about(): string
  /** The answer of the operation `scan`, JSON. */
  toJson(): string
}

/** How this addon was built: JSON with `version`, `profile`, `platform`, `arch`. */
export declare function buildInfo(): string

/** Runs an operation by name over JSON text; gives canonical JSON. */
export declare function call(op: string, request: string): string

/** What appeared and disappeared since a baseline. */
export declare function compare(baseline: Baseline, current: Findings): Promise<Difference>

/** What appeared and disappeared since a baseline, at once. */
export declare function compareSync(baseline: Baseline, current: Findings): Difference

/** What is new, fixed and unchanged. */
export declare function diff(base: Findings, head: Findings): Promise<Difference>

/** What is new, fixed and unchanged, at once. */
export declare function diffSync(base: Findings, head: Findings): Difference

/** Whether a format is bytes and no text. */
export declare function isBinary(format: string): boolean

/** Every problem of a configuration text, JSON. Rule packs are taken to exist. */
export declare function lint(text: string, file: string): string

/** Reads a report. */
export declare function parse(report: Bytes, options: string): Promise<Findings>

/** Reads a report at once. */
export declare function parseSync(report: Bytes, options: string): Findings

/** The whole pipeline. */
export declare function process(findings: Findings, options: string, files?: Files | undefined | null, config?: Config | undefined | null, baseline?: Baseline | undefined | null): Promise<Findings>

/** The whole pipeline, at once. */
export declare function processSync(findings: Findings, options: string, files?: Files | undefined | null, config?: Config | undefined | null, baseline?: Baseline | undefined | null): Findings

/** A difference in a format. */
export declare function renderDifference(difference: Difference, format: string, style: string): Promise<Buffer>

/** A difference in a format, at once. */
export declare function renderDifferenceSync(difference: Difference, format: string, style: string): Buffer

/** Findings in a format. */
export declare function renderFindings(findings: Findings, format: string, style: string): Promise<Buffer>

/** Findings in a format, at once. */
export declare function renderFindingsSync(findings: Findings, format: string, style: string): Buffer

/**
 * Runs the command line with arguments (without the program's name); gives the exit code. Reads and writes the standard
 * streams itself.
 */
export declare function runCli(args: Array<string>): number

/** The bill of materials of a folder or of files. */
export declare function sbom(path: string | undefined | null, files: Files | undefined | null, options: string): Promise<string>

/** The bill of materials of a folder or of files, at once. */
export declare function sbomSync(path: string | undefined | null, files: Files | undefined | null, options: string): string

/** Starts a scan: options as JSON, what is known of configuration and baseline as handles. */
export declare function scan(options: string, config: Config | null | undefined, baseline: Baseline | null | undefined, callback: (kind: 'event' | 'error' | 'done', text?: string | null, result?: Scanned | null) => void): Running

/** Each scanner and whether it can run here, JSON. */
export declare function status(): Promise<string>

/** Each scanner and whether it can run here, JSON, at once. */
export declare function statusSync(): string

/** Error codes, options, formats, scanners: JSON. */
export declare function tables(): string

/** Whether a signature is right. Without `now` the clock of this machine says it. */
export declare function verifyWebhook(secret: string, header: string, body: Bytes, tolerance: number, now?: number | undefined | null): boolean

/** The version of the engine. */
export declare function version(): string
