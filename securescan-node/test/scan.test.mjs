// Scans: results, events, stopping, and what is left behind.
import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { Baseline, Config, ScanResult, scan, scanEvents } from '../index.mjs'
import { coded, packageFolder } from './support.mjs'

const folder = mkdtempSync(join(tmpdir(), 'securescan-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const shop = join(folder, 'shop')
mkdirSync(shop)
writeFileSync(join(shop, 'Dockerfile'), 'FROM alpine:latest\nRUN curl http://x | sh\n')
writeFileSync(join(shop, 'app.py'), 'eval(x)\n')

// A tool that says where it is and then never ends; its child neither.
const slow = join(folder, 'bandit')
const places = join(folder, 'places')
writeFileSync(slow, `#!/bin/sh\ncase "$*" in *--version*) echo "bandit 1.7.0"; exit 0;; esac\nsleep 300 &\necho $$ $! >> '${places}'\nwait\n`)
chmodSync(slow, 0o755)
const SLOW = { scanners: ['bandit'], toolPaths: { bandit: slow }, noConfig: true }
const unix = process.platform !== 'win32'

/** The processes that the slow tool named, once it did. */
async function started(before = 0) {
  for (let i = 0; i < 1500; i += 1) {
    const text = existsSync(places) ? readFileSync(places, 'utf8') : ''
    const lines = text.split('\n').filter(Boolean)
    if (lines.length > before) return lines.at(-1).split(' ').map(Number)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('the tool did not start')
}
const count = () => (existsSync(places) ? readFileSync(places, 'utf8').split('\n').filter(Boolean).length : 0)
function alive(pid) {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
async function gone(pids) {
  for (let i = 0; i < 1500; i += 1) {
    if (!pids.some(alive)) return true
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return false
}

test('a scan tells findings, coverage and what it went by', async () => {
  const result = await scan(shop, { scanners: ['dockerfile'], noConfig: true })
  assert.ok(result instanceof ScanResult)
  assert.ok(result.findings.length > 0)
  assert.equal(result.target, shop)
  assert.deepEqual(result.scanners.map((run) => [run.name, run.status]), [['dockerfile', 'ok']])
  assert.ok(result.complete)
  assert.equal(result.configFile, null)
  assert.deepEqual(result.suppressed, { inline: 0, config: 0, baseline: 0 })
  assert.deepEqual(JSON.parse(JSON.stringify(result)).findings, result.findings.toJSON())
  assert.throws(() => new ScanResult(), coded('invalid_argument'))
})

test('configuration and baseline are texts or objects', async () => {
  const all = await scan(shop, { scanners: ['dockerfile'], noConfig: true })
  const rule = all.findings.at(0).rule_id
  const text = `ignored_rules: [${rule}]\n`
  for (const config of [text, Config.parse(text)]) {
    assert.ok((await scan(shop, { scanners: ['dockerfile'], config })).suppressed.config > 0)
  }
  const known = Baseline.fromFindings(all)
  for (const baseline of [`${known}`, known]) {
    assert.equal((await scan(shop, { scanners: ['dockerfile'], noConfig: true, baseline })).suppressed.baseline, known.length)
  }
  const both = { config: Config.parse(text), noConfig: true }
  await assert.rejects(scan(shop, both), coded('invalid_argument'))
  await assert.rejects(scan(shop, { baseline: known, baselineFile: 'x' }), coded('invalid_argument'))
})

test('events come in order, by callback and in a loop', async () => {
  const heard = []
  const result = await scan(shop, { scanners: ['dockerfile', 'secrets'], noConfig: true, onEvent: (event) => heard.push(event) })
  assert.equal(heard[0].event, 'scan.start')
  assert.equal(heard.at(-1).event, 'scan.complete')
  assert.equal(heard.at(-1).findings_count, result.findings.length)
  const seen = []
  const events = scanEvents(shop, { scanners: ['dockerfile', 'secrets'], noConfig: true })
  for await (const event of events) seen.push(event.event)
  assert.deepEqual(seen.toSorted?.() ?? seen.slice().sort(), heard.map((event) => event.event).sort())
  // Wall times are in the coverage of a live result, so the findings are compared.
  assert.deepEqual((await events.result).findings.toJSON(), result.findings.toJSON())
  assert.deepEqual(await events.next(), { value: undefined, done: true })
})

test('what a callback throws stops the scan and comes out', async () => {
  const mine = new Error('mine')
  await assert.rejects(scan(shop, { noConfig: true, scanners: ['dockerfile'], onEvent: () => { throw mine } }), (error) => error === mine && error.code === 'cancelled')
  const own = Object.assign(new Error('own'), { code: 'E_OWN' })
  await assert.rejects(scan(shop, { noConfig: true, scanners: ['dockerfile'], onEvent: () => { throw own } }), (error) => error === own && error.code === 'E_OWN')
  await assert.rejects(scan(shop, { noConfig: true, scanners: ['dockerfile'], onEvent: () => { throw 5 } }), (error) => coded('cancelled')(error) && error.cause === 5)
  if (unix) await assert.rejects(scan(shop, { ...SLOW, onEvent: async () => { throw mine } }), (error) => error === mine)
})

test('errors of the target come through the loop, too', async () => {
  const events = scanEvents(join(folder, 'nowhere'))
  await assert.rejects(async () => { for await (const event of events) assert.ok(event) }, coded('io'))
  await assert.rejects(events.result, coded('io'))
  assert.throws(() => scanEvents(5), coded('invalid_argument'))
  assert.throws(() => scanEvents('.', { onEvent: () => {} }), coded('invalid_argument'))
})

test('aborting rejects promptly and leaves no process', { skip: !unix }, async () => {
  const why = new Error('enough')
  for (const ask of [(signal) => scan(shop, { ...SLOW, signal }), (signal) => scanEvents(shop, { ...SLOW, signal }).result]) {
    const control = new AbortController()
    const before = count()
    const scanning = ask(control.signal)
    const pids = await started(before)
    assert.ok(pids.every(alive))
    control.abort(why)
    await assert.rejects(scanning, (error) => coded('cancelled')(error) && error.cause === why && error.name === 'AbortError')
    assert.deepEqual(pids.map(alive), [false, false])
  }
  await assert.rejects(scan(shop, { signal: AbortSignal.abort(why) }), (error) => error.cause === why)
  const late = AbortSignal.timeout(50)
  await assert.rejects(scan(shop, { ...SLOW, signal: late }), (error) => error.code === 'cancelled' && error.cause.name === 'TimeoutError')
})

test('leaving the loop stops the scan and leaves no process', { skip: !unix }, async () => {
  const before = count()
  let pids
  for await (const event of scanEvents(shop, SLOW)) {
    if (event.event === 'scanner.start') {
      pids = await started(before)
      break
    }
  }
  assert.deepEqual(pids.map(alive), [false, false])
  const again = scanEvents(shop, SLOW)
  await again.next()
  await assert.rejects(again.throw(new Error('mine')), /mine/)
  await assert.rejects(again.result, coded('cancelled'))
})

test('the end of the process or of a worker during a scan leaves no process', { skip: !unix }, async () => {
  const source = (end) => `
    const { scan } = require(${JSON.stringify(packageFolder)})
    const { existsSync, readFileSync } = require('node:fs')
    const places = ${JSON.stringify(places)}
    const count = () => existsSync(places) ? readFileSync(places, 'utf8').split('\\n').length : 0
    const before = ${'BEFORE'}
    scan(${JSON.stringify(shop)}, ${JSON.stringify(SLOW)}).catch(() => {})
    setInterval(() => { if (count() > before) { ${end} } }, 5)`
  const lines = () => (existsSync(places) ? readFileSync(places, 'utf8').split('\n').length : 0)
  let before = count()
  const { code } = await promisify(execFile)(process.execPath, ['-e', source('process.exit(0)').replace('BEFORE', lines())]).then(() => ({ code: 0 }), (error) => error)
  assert.equal(code, 0)
  assert.ok(await gone(await started(before)))

  before = count()
  const inCallback = `require(${JSON.stringify(packageFolder)}).scan(${JSON.stringify(shop)}, { scanners: ['dockerfile'], noConfig: true, onEvent: () => process.exit(7) })`
  const exited = await promisify(execFile)(process.execPath, ['-e', inCallback]).then(() => ({ code: 0 }), (error) => error)
  assert.equal(exited.code, 7)

  before = count()
  const worker = new Worker(source('').replace('BEFORE', lines()), { eval: true })
  const pids = await started(before)
  await worker.terminate()
  assert.ok(await gone(pids))

  before = count()
  const child = spawn(process.execPath, ['-e', source('').replace('BEFORE', lines())], { stdio: 'ignore' })
  const left = await started(before)
  child.kill('SIGKILL')
  assert.ok(await gone(left))
})

test('an uncaught error during a scan ends the process as ever', () => {
  const code = `require(${JSON.stringify(packageFolder)}).scan(${JSON.stringify(shop)}, { noConfig: true }); setImmediate(() => { throw new Error('mine') })`
  assert.throws(() => execFileSync(process.execPath, ['-e', code], { stdio: 'pipe' }), (error) => error.status === 1 && `${error.stderr}`.includes('mine'))
})

test('many scans at once', async () => {
  const all = await Promise.all(Array.from({ length: 16 }, () => scan(shop, { scanners: ['dockerfile'], noConfig: true })))
  for (const result of all) assert.deepEqual(result.toJSON(), all[0].toJSON())
})
