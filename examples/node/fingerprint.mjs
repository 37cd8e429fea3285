// Prints the fingerprint of a finding. In a project of your own: import from 'securescan'.
import { SecureScanError, fingerprint } from '../../securescan-node/index.mjs'

try {
  console.log(fingerprint({ scanner: 'bandit', rule_id: 'B307', file_path: 'app.py' }))
} catch (error) {
  if (!(error instanceof SecureScanError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 1
}
