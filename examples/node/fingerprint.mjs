// Prints the fingerprint of a finding.
import { SecureScanError, fingerprint } from 'securescan'

try {
  console.log(fingerprint({ scanner: 'bandit', rule_id: 'B307', file_path: 'app.py' }))
} catch (error) {
  if (!(error instanceof SecureScanError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
}
