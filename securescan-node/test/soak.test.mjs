// Memory over many calls. `SECURESCAN_NODE_SOAK` says how many rounds of five calls each; a few by default.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from '../index.mjs'
import { many } from './support.mjs'

const ROUNDS = Number(process.env.SECURESCAN_NODE_SOAK ?? 600)

test('memory stays flat', () => {
  const script = fileURLToPath(new URL('soak-rounds.mjs', import.meta.url))
  const said = execFileSync(process.execPath, ['--expose-gc', script, String(ROUNDS)], { encoding: 'utf8' })
  const [before, after] = JSON.parse(said)
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
