// The examples, run as they stand, in a project beside them.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { copyFileSync, cpSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Baseline, scan } from '../index.mjs'
import { Project } from './project.mjs'
import { many, root } from './support.mjs'

const project = new Project()
project.link()
const hasExpress = project.linkTools()
for (const file of readdirSync(join(root, 'examples/node'))) copyFileSync(join(root, 'examples/node', file), project.path(file))
cpSync(join(root, 'examples/weak-shop'), project.path('shop'), { recursive: true })
after(() => project.remove())

test('fingerprint', () => {
  assert.match(project.node('fingerprint.mjs').stdout, /^[0-9a-f]{64}\n$/)
})

test('action', async () => {
  project.write('summary.md', '')
  project.write('output.txt', '')
  const env = { ...process.env, GITHUB_STEP_SUMMARY: project.path('summary.md'), GITHUB_OUTPUT: project.path('output.txt'), BASELINE: project.path('known.json') }
  const bad = project.node('action.mjs', 'shop', { env })
  assert.equal(bad.status, 1, bad.stderr)
  assert.match(bad.stdout, /^::error /m)
  assert.match(readFileSync(project.path('output.txt'), 'utf8'), /^new=\d+\nbad=[1-9]\d*\ncomplete=true\n/)
  assert.ok(readFileSync(project.path('summary.md'), 'utf8').length > 100)
  assert.ok(JSON.parse(readFileSync(project.path('securescan.sarif'), 'utf8')).runs.length > 0)
  project.write('known.json', `${Baseline.fromFindings(await scan(project.path('shop'), { online: false }))}`)
  assert.equal(project.node('action.mjs', 'shop', { env }).status, 0)
})

test('merge-eslint', () => {
  const sarif = {
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'ESLint', rules: [{ id: 'no-eval' }] } }, results: [{ ruleId: 'no-eval', level: 'error', message: { text: 'eval can be harmful.' }, locations: [{ physicalLocation: { artifactLocation: { uri: 'app.js' }, region: { startLine: 2, startColumn: 1 } } }] }] }],
  }
  project.write('eslint.sarif', JSON.stringify(sarif))
  project.write('others.json', JSON.stringify(many(4)))
  const done = project.node('merge-eslint.mjs', 'out.sarif', 'eslint.sarif', 'eslint.sarif', 'others.json')
  assert.equal(done.status, 0, done.stderr)
  assert.match(done.stdout, /^6 findings of 3 reports are \d: /)
  assert.match(done.stdout, /no-eval/)
  const out = JSON.parse(readFileSync(project.path('out.sarif'), 'utf8'))
  assert.ok(out.runs.flatMap((run) => run.results).some((result) => result.ruleId.includes('no-eval')))
})

test('import-stream', () => {
  const report = JSON.stringify(many(10_000))
  project.write('report.json.gz', gzipSync(report))
  const zipped = project.node('import-stream.mjs', 'report.json.gz')
  assert.match(zipped.stderr, /^10000 findings/)
  assert.equal(zipped.stdout.trim().split('\n').length, 4000)
  const piped = project.node('import-stream.mjs', '-', { input: report })
  assert.equal(piped.stdout, zipped.stdout)
  const broken = project.node('import-stream.mjs', '-', { input: report.slice(0, -5) })
  assert.equal(broken.status, 2)
  assert.match(broken.stderr, /^parse: /)
})

if (!hasExpress) console.log('skipped: the Express example: express is not here')
test('webhook', { skip: !hasExpress }, async () => {
  const { receiver } = await import(pathToFileURL(project.path('webhook.mjs')))
  const heard = []
  const server = receiver('whsecret', (delivery) => heard.push(delivery)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${server.address().port}/securescan`
  const body = '{ "event": "scan.complete",  "data": {"text": "ä"} }'
  const sign = (secret, time = Math.floor(Date.now() / 1000)) => `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`
  const post = async (header, text = body) => (await fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...(header && { 'x-securescan-signature': header }) } })).status
  assert.equal(await post(sign('whsecret')), 204)
  assert.equal(await post(sign('other')), 401)
  assert.equal(await post(sign('whsecret', 5)), 401)
  assert.equal(await post(sign('whsecret'), JSON.stringify(JSON.parse(body))), 401)
  assert.equal(await post(undefined), 401)
  assert.deepEqual(heard, [JSON.parse(body)])
  server.closeAllConnections?.()
  await new Promise((resolve) => server.close(resolve))
})
