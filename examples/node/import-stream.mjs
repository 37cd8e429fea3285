// Reads a report of any size as it comes, from a file or the standard input, compressed or not: memory holds the findings, not
// the document, and the source waits when the reader is busy.
//
//   node import-stream.mjs report.json.gz          curl -s https://example.org/report.sarif | node import-stream.mjs -
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { SecureScanError, parseStream } from 'securescan'

const [file] = process.argv.slice(2)
let source = file === '-' ? process.stdin : createReadStream(file)
if (file.endsWith('.gz')) source = pipeline(source, createGunzip(), () => {})

try {
  const findings = await parseStream(source)
  for (const finding of findings.filter({ minSeverity: 'high' })) {
    console.log(`${finding.severity}\t${finding.file_path}:${finding.line ?? 1}\t${finding.title}`)
  }
  console.error(`${findings.length} findings`)
} catch (error) {
  if (!(error instanceof SecureScanError)) throw error
  console.error(`${error.code}: ${error.message}`)
  process.exitCode = 2
}
