// A step of a CI job, like a GitHub Action: scans the checkout, annotates the change, writes the job's summary and SARIF for
// code scanning, and fails the job when something new is bad enough. An incomplete scan is not a clean one: it fails, too.
//
//   node action.mjs [folder]       environment: GITHUB_STEP_SUMMARY, GITHUB_OUTPUT, BASELINE, FAIL_ON (a severity)
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { Baseline, Findings, compare, render, scan } from 'securescan'

const folder = process.argv[2] ?? '.'
const { GITHUB_STEP_SUMMARY, GITHUB_OUTPUT, BASELINE = '.securescan/baseline.json', FAIL_ON = 'high' } = process.env

// The job may be cancelled: stop, and leave nothing running.
const control = new AbortController()
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => control.abort(new Error(name)))

const result = await scan(folder, {
  online: false,
  signal: control.signal,
  onEvent: ({ event, name, findings_count: count }) => {
    if (event === 'scanner.complete') console.error(`${name}: ${count} findings`)
    if (event === 'scanner.failed') console.error(`${name}: failed`)
  },
})

const known = existsSync(BASELINE) ? Baseline.read(BASELINE) : Baseline.fromFindings(Findings.fromJSON([]))
const change = await compare(known, result)
const bad = change.new.filter({ minSeverity: FAIL_ON, suppressed: false })

console.log(await render(change, 'github-annotations'))
writeFileSync('securescan.sarif', await render(result, 'sarif', { encoding: 'buffer' }))
if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, await render(change, 'markdown', { headRef: process.env.GITHUB_SHA }))
if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `new=${change.new.length}\nbad=${bad.length}\ncomplete=${result.complete}\n`)

if (bad.length > 0) process.exitCode = 1
else if (!result.complete) process.exitCode = 3
