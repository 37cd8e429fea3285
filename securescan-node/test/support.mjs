// What several tests need.
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SecureScanError } from '../index.mjs'

export const here = dirname(fileURLToPath(import.meta.url))
export const packageFolder = join(here, '..')
export const root = join(here, '../..')

/** A finding; what is not given is made up from its number. */
export const finding = (number = 0, given = {}) => ({
  scanner: 'bandit',
  scan_type: 'code',
  severity: ['critical', 'high', 'medium', 'low', 'info'][number % 5],
  title: `Title ${number}`,
  file_path: `src/f${number % 3}.py`,
  line: number + 1,
  rule_id: `B${number % 7}`,
  ...given,
})

/** So many findings. */
export const many = (count, given) => Array.from({ length: count }, (_, number) => finding(number, given))

/** A check for `assert.throws` and `assert.rejects`: our error, with this code. */
export const coded = (code) => (error) => {
  assert.ok(error instanceof SecureScanError, `${error?.stack ?? error}`)
  assert.ok(error instanceof Error)
  assert.equal(error.code, code, `${error}`)
  assert.ok(!error.message.includes('\n'), error.message)
  return true
}
