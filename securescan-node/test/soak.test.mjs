// Memory over many calls. `SECURESCAN_NODE_SOAK` says how many rounds of five calls each; a few by default.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Findings, diff, fingerprint, parse, parseStream, process as run, render } from '../index.mjs'
import { finding, many } from './support.mjs'

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
const ROUNDS = Number(process.env.SECURESCAN_NODE_SOAK ?? 600)
const REPORT = JSON.stringify(many(20))

async function resident() {
  for (let i = 0; i < 3; i += 1) {
    gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return process.memoryUsage().rss / 2 ** 20
}

async function round(number) {
  const findings = await parse(number % 2 ? REPORT : Buffer.from(REPORT))
  const done = await run(findings)
  const change = await diff(findings.slice(number % 20), done)
  await render(change, 'sarif')
  fingerprint(finding(number))
  for (const one of change.new.filter({ minSeverity: 'high' })) assert.ok(one.title)
  if (number % 50 === 0) {
    await parseStream([REPORT])
    await assert.rejects(parse('nonsense'))
    assert.throws(() => Findings.fromJSON('['))
  }
}

test('memory stays flat', async () => {
  for (let number = 0; number < ROUNDS / 3; number += 1) await round(number)
  const before = await resident()
  for (let number = 0; number < ROUNDS; number += 1) await round(number)
  const after = await resident()
  console.log(`# memory: ${before.toFixed(1)} MiB, after ${ROUNDS * 5} more calls ${after.toFixed(1)} MiB`)
  assert.ok(after - before < 16, `from ${before} to ${after} MiB`)
})

test('large findings that nobody holds are freed without being asked for', async () => {
  const big = Buffer.from(JSON.stringify(many(4_000)))
  const size = async (count) => {
    for (let i = 0; i < count; i += 1) await parse(big)
    return process.memoryUsage().rss / 2 ** 20
  }
  const before = await size(10)
  const after = await size(60)
  // Held on to, they would be some 500 MiB.
  assert.ok(after - before < 250, `from ${before} to ${after} MiB`)
})
