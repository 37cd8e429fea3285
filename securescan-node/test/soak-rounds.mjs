// Rounds of five calls each in a process of their own: the test runner follows every promise, and its memory is not ours.
// `node --expose-gc soak-rounds.mjs ROUNDS` prints the resident memory before and after, in MiB.
import assert from 'node:assert/strict'
import { Findings, diff, fingerprint, parse, parseStream, process as run, render } from '../index.mjs'
import { finding, many } from './support.mjs'

const rounds = Number(process.argv[2])
const REPORT = JSON.stringify(many(20))

async function resident() {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc()
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

for (let number = 0; number < rounds / 3; number += 1) await round(number)
const before = await resident()
for (let number = 0; number < rounds; number += 1) await round(number)
console.log(JSON.stringify([before, await resident()]))
