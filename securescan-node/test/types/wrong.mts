// Wrong uses: each line below a mark must not compile.
import { Baseline, Config, Findings, ScanResult, SecureScanError, compare, diff, fingerprint, parse, parseStream, process as run, render, scan, scanEvents, verifyWebhook } from 'securescan'

const findings = Findings.fromJSON('[]')

// @ts-expect-error a number is no report
await parse(5)
// @ts-expect-error an array of numbers is no report
await parse([1, 2])
// @ts-expect-error no such format is read
await parse('[]', { tool: 'no-such-tool' })
// @ts-expect-error no such option
await parse('[]', { colour: true })
// @ts-expect-error a controller is no signal
await parse('[]', { signal: new AbortController() })
// @ts-expect-error a stream is no report
await parse(process.stdin)
// @ts-expect-error a number is no stream
await parseStream(5)
// @ts-expect-error a promise has no length
parse('[]').length
// @ts-expect-error findings are made by the package
new Findings()
// @ts-expect-error so are results
new ScanResult()
// @ts-expect-error and errors
new SecureScanError()
// @ts-expect-error findings cannot be changed
findings.length = 3
// @ts-expect-error nor can they be indexed
findings[0]
// @ts-expect-error one may not be there
findings.at(0).title
// @ts-expect-error no such severity
findings.filter({ severity: 'worst' })
// @ts-expect-error no such condition
findings.filter({ colour: 'red' })
// @ts-expect-error no such order
findings.sort('colour')
// @ts-expect-error a comparison is for arrays
findings.sort((a, b) => 1)
// @ts-expect-error no such group
findings.groupBy('line')
// @ts-expect-error a finding needs a scanner
Findings.fromJSON([{ title: 't' }])
// @ts-expect-error no such field
Findings.fromJSON([{ scanner: 's', scan_type: 'code', severity: 'low', title: 't', colour: 'red' }])
// @ts-expect-error one finding is no list
await run({ scanner: 's', scan_type: 'code', severity: 'low', title: 't' })
// @ts-expect-error a difference has two sides
await diff(findings)
// @ts-expect-error a baseline comes first
await compare(findings, findings)
// @ts-expect-error no such format is written
await render(findings, 'no-such-format')
// @ts-expect-error a format is needed
await render(findings)
// @ts-expect-error text is no buffer
const bytes: Buffer = await render(findings, 'json')
// @ts-expect-error a PDF is no text
const text: string = await render(findings, 'report-pdf')
// @ts-expect-error no such scanner
await scan('.', { scanners: ['no-such'] })
// @ts-expect-error the engine's spelling is not this language's
await scan('.', { target_url: 'http://x' })
// @ts-expect-error a target is needed
await scan()
// @ts-expect-error events of a loop come from the loop
scanEvents('.', { onEvent: () => {} })
// @ts-expect-error `for` needs an `await` here
for (const event of scanEvents('.')) event
// @ts-expect-error no such scheme
fingerprint({ scanner: 's' }, { scheme: 'v3' })
// @ts-expect-error the parsed body is not the raw one
verifyWebhook('secret', 't=1', { event: 'x' })
// @ts-expect-error a configuration's text is needed
Config.parse()
// @ts-expect-error no such kind of scan
Baseline.fromFindings(findings, { scanTypes: ['everything'] })

export { bytes, text }
