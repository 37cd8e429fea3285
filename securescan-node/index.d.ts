/** The stable words an error is told by. */
export type ErrorCode =
  | 'invalid_argument'
  | 'parse'
  | 'config'
  | 'limit'
  | 'scanner'
  | 'cancelled'
  | 'unsupported'
  | 'io'
  | 'render'
  | 'baseline'
  | 'internal'

/** Anything this package refuses or fails at. */
export class SecureScanError extends Error {
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

/** `v2` is the default; `v1` is byte-compatible with SecureScan 0.11 for Python. */
export type Scheme = 'v1' | 'v2'

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

/** Runs an operation by name over JSON text: the facade under everything above. */
export function _call(op: string, request: string): string

/** The version of the engine. */
export const version: string

declare const securescan: {
  SecureScanError: typeof SecureScanError
  fingerprint: typeof fingerprint
  normalizedLineContext: typeof normalizedLineContext
  _call: typeof _call
  version: typeof version
}
export default securescan
