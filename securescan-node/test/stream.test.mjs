// Reports that come in pieces.
import assert from 'node:assert/strict'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { parse, parseStream } from '../index.mjs'
import { coded, finding, many } from './support.mjs'

const REPORT = JSON.stringify(many(500, { description: 'ä€😀' }))

async function* cut(text, size) {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

test('every kind of source gives what the whole report gives', async () => {
  const whole = await parse(REPORT)
  const bytes = Buffer.from(REPORT)
  const folder = mkdtempSync(join(tmpdir(), 'securescan-'))
  const file = join(folder, 'report.json')
  writeFileSync(file, bytes)
  for (const [name, source] of Object.entries({
    file: createReadStream(file, { highWaterMark: 100 }),
    text: createReadStream(file, { highWaterMark: 100, encoding: 'utf8' }),
    readable: Readable.from([bytes.subarray(0, 99), bytes.subarray(99)]),
    web: new Blob([bytes]).stream(),
    generator: cut(REPORT, 7),
    bytes: cut(bytes, 1000),
    array: [REPORT],
  })) {
    assert.ok((await parseStream(source, { tool: 'securescan' })).equals(whole), name)
  }
  rmSync(folder, { recursive: true })
})

test('a source is not read faster than it is eaten', async () => {
  const piece = JSON.stringify(finding(1, { description: 'x'.repeat(60_000) }))
  let given = 0
  const count = 200
  async function* source() {
    yield '['
    for (let i = 0; i < count; i += 1) {
      given += 1
      yield i === 0 ? piece : `,${piece}`
    }
    yield ']'
  }
  assert.equal((await parseStream(source())).length, count)
  assert.equal(given, count)
})

test('the source is closed when nobody reads it any more', async () => {
  let closed = 0
  async function* endless(text) {
    try {
      for (;;) {
        yield text
        await new Promise(setImmediate)
      }
    } finally {
      closed += 1
    }
  }
  await assert.rejects(parseStream(endless('nonsense '.repeat(7000))), (error) => ['parse', 'unsupported', 'limit'].includes(error.code))
  await assert.rejects(parseStream(endless(`[${' '.repeat(60_000)}`), { maxBytes: 1000 }), (error) => ['limit', 'parse'].includes(error.code))
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(closed, 2)
  const stream = new Readable({ read() {} })
  const control = new AbortController()
  const parsing = parseStream(stream, { signal: control.signal })
  stream.push('[')
  setTimeout(() => control.abort(), 10)
  await assert.rejects(parsing, coded('cancelled'))
  assert.ok(stream.destroyed)
})

test('what goes wrong in a source is told', async () => {
  const mine = new Error('disk on fire')
  async function* failing() {
    yield '['
    throw mine
  }
  await assert.rejects(parseStream(failing()), (error) => coded('io')(error) && error.cause === mine && error.message.includes('disk on fire'))
  await assert.rejects(parseStream(createReadStream('no/such/file')), coded('io'))
  await assert.rejects(parseStream(['[', 5, ']']), coded('invalid_argument'))
  await assert.rejects(parseStream([REPORT.slice(0, -1)]), coded('parse'))
  await assert.rejects(parseStream([]), coded('parse'))
  for (const wrong of ['[]', Buffer.from('[]'), 5, null, undefined, {}]) await assert.rejects(parseStream(wrong), coded('invalid_argument'))
})

test('many at once', async () => {
  const all = await Promise.all(Array.from({ length: 24 }, () => parseStream(cut(REPORT, 1000))))
  assert.ok(all.every((findings) => findings.equals(all[0])))
})
