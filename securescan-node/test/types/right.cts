// The same package by `require`.
import securescan = require('securescan')

export async function required(): Promise<number> {
  const findings: securescan.Findings = await securescan.parse('[]')
  const event = (event: securescan.ScanEvent): void => console.log(event.event)
  const result: securescan.ScanResult = await securescan.scan('.', { onEvent: event })
  return findings.concat(result).length
}
