// Errors: always an Error with a code; and what a caller can do wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import * as s from '../index.mjs'
import { coded, finding, many } from './support.mjs'

const invalid = coded('invalid_argument')
const REPORT = JSON.stringify(many(3))

test('an error tells its parts', () => {
  assert.throws(() => s._call('version', '{\n'), (error) => {
    invalid(error)
    assert.equal(error.name, 'SecureScanError')
    assert.equal(error.line, 2)
    return true
  })
  assert.throws(() => s.Findings.fromJSON('[{"scanner":'), (error) => coded('parse')(error) && error.byte === 12)
})

test('wrong types are refused with a code', async () => {
  const recursive = {}
  recursive.metadata = recursive
  for (const value of [undefined, null, 5, 'text', [], Symbol('x'), recursive, { scanner: 1n }, { scanner: 5 }, { scanner: '\ud800' }]) {
    assert.throws(() => s.fingerprint(value), invalid)
    assert.throws(() => s.complianceTags(value), invalid)
  }
  for (const [op, request] of [[undefined, '{}'], ['version', undefined], [5, 5], ['version', Buffer.from('{}')]]) {
    assert.throws(() => s._call(op, request), invalid)
  }
  for (const value of [undefined, null, 5, 5n, true, Symbol('x'), () => 1, {}, new Date(), new ArrayBuffer(8), new Uint16Array(4), new Map()]) {
    const shown = inspect(value)
    await assert.rejects(s.parse(value), invalid, shown)
    assert.throws(() => s.parseSync(value), invalid, shown)
    await assert.rejects(s.process(value), invalid, shown)
    await assert.rejects(s.diff(value, []), invalid, shown)
    await assert.rejects(s.compare(value, []), (error) => error instanceof s.SecureScanError, shown)
    await assert.rejects(s.render(value, 'json'), invalid, shown)
    await assert.rejects(s.render([], value), invalid, shown)
    await assert.rejects(s.scan(value), invalid, shown)
    assert.throws(() => s.summary(value), invalid, shown)
    assert.throws(() => s.riskScore(value), invalid, shown)
    assert.throws(() => s.Config.parse(value), invalid, shown)
    assert.throws(() => s.Baseline.parse(value), invalid, shown)
    if (typeof value !== 'number') assert.throws(() => s.Findings.fromJSON([]).at(value), invalid, shown)
    assert.throws(() => s.verifyWebhook('secret', 't=1', value), invalid, shown)
    assert.throws(() => s.verifyWebhook(value, 't=1', 'body'), invalid, shown)
  }
  for (const options of [null, 5, 'x', [], { colour: 1 }, { maxBytes: NaN }, { maxBytes: -1 }, { root: Symbol('x') }, { signal: {} }, { maxBytes: 1, max_bytes: 2 }]) {
    await assert.rejects(s.parse(REPORT, options), invalid, inspect(options))
  }
  for (const options of [{ types: ['colour'] }, { types: 5 }, { onEvent: 5 }, { jobs: 1.5 }, { timeout: -1 }, { timeout: Infinity }, { config: () => 1 }, { signal: 'now' }]) {
    await assert.rejects(s.scan('.', options), invalid, inspect(options))
  }
  for (const options of [{ encoding: 'hex' }, { colour: true }, { width: -1 }, { color: 'yes' }, { failOnSeverity: 'worst' }]) {
    await assert.rejects(s.render([], 'text', options), invalid, inspect(options))
    assert.throws(() => s.renderSync([], 'text', options), invalid, inspect(options))
  }
  for (const options of [{ tolerance: -1 }, { tolerance: '5' }, { now: NaN }, { now: 'now' }]) assert.throws(() => s.verifyWebhook('a', 'b', 'c', options), invalid)
})

test('half a surrogate pair is no text', async () => {
  for (const text of ['\ud800', 'x\udc00y', '😀'.slice(0, 1), `${'a'.repeat(3 << 20)}\ud800`, `\udc00${'é'.repeat(2 << 20)}`]) {
    await assert.rejects(s.parse(text), invalid)
    assert.throws(() => s.parseSync(text), invalid)
    await assert.rejects(s.parseStream(['[', text]), (error) => error instanceof s.SecureScanError)
    assert.throws(() => s.Findings.fromJSON(text), invalid)
    assert.throws(() => s.Config.parse(text), invalid)
    assert.throws(() => s.normalizedLineContext(text), invalid)
  }
  await assert.rejects(s.parseStream(['[', '\ud800']), invalid)
  assert.equal((await s.parseStream(['[{"scanner":"a","scan_type":"code","severity":"low","title":"\ud83d', '\ude00"}]'])).at(0).title, '😀')
  assert.equal(s.Findings.fromJSON(JSON.stringify([finding(1, { title: '😀'.repeat(1 << 20) })])).at(0).title.length, 2 << 20)
})

test('a detached buffer is refused, before and during a call', async () => {
  const detached = () => {
    const bytes = new Uint8Array(Buffer.from(REPORT))
    structuredClone(bytes, { transfer: [bytes.buffer] })
    return bytes
  }
  await assert.rejects(s.parse(detached()), invalid)
  assert.throws(() => s.parseSync(detached()), invalid)
  await assert.rejects(s.parseStream([detached()]), invalid)
  assert.throws(() => s.verifyWebhook('secret', 't=1,v1=0', detached()), invalid)
  await assert.rejects(s.process([], { files: { a: detached() } }), invalid)
  const large = new Uint8Array(Buffer.from(JSON.stringify(many(50_000))))
  const parsing = s.parse(large)
  structuredClone(large, { transfer: [large.buffer] })
  await assert.rejects(parsing, invalid)
})

test('a buffer that is written to during a call hurts nobody', async () => {
  const small = Buffer.from(REPORT)
  const parsing = s.parse(small)
  small.fill(0xff)
  assert.equal((await parsing).length, 3)
  const large = Buffer.from(JSON.stringify(many(20_000)))
  const torn = s.parse(large).then(() => 'read', (error) => error.code)
  large.fill(0x20)
  assert.ok(['read', 'parse'].includes(await torn))
  const shared = new Uint8Array(new SharedArrayBuffer(REPORT.length))
  shared.set(Buffer.from(REPORT))
  assert.equal((await s.parse(shared)).length, 3)
})

test('a buffer that lies about itself is read for what it is', async () => {
  class Liar extends Uint8Array {
    get length() { return 1e9 }
    get byteLength() { return 1e9 }
    get byteOffset() { return 12345 }
    subarray() { throw new Error('no') }
  }
  const liar = new Liar(new Uint8Array(Buffer.from(REPORT)).buffer)
  assert.equal((await s.parse(liar)).length, 3)
  assert.equal(s.parseSync(Buffer.from(`xx${REPORT}`).subarray(2)).length, 3)
})

test('hostile keys change nothing', async () => {
  const hostile = '{"scanner":"bandit","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
  assert.equal(s.fingerprint(JSON.parse(hostile), { scheme: 'v1' }), s.fingerprint({ scanner: 'bandit' }, { scheme: 'v1' }))
  const report = `[{"scanner":"bandit","scan_type":"code","severity":"high","title":"t","metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"__proto__":{"polluted":1}}]`
  for (const findings of [await s.parse(report), s.Findings.fromJSON(report), s.Findings.fromJSON(JSON.parse(report)), await s.process(JSON.parse(report))]) {
    const [one] = findings
    assert.equal(Object.getPrototypeOf(one), Object.prototype)
    assert.equal(Object.getPrototypeOf(one.metadata), Object.prototype)
    assert.equal(one.polluted, undefined)
    assert.equal(one.metadata.polluted, undefined)
    JSON.stringify(findings.toJSON())
  }
  const options = JSON.parse('{"__proto__":{"root":"/etc"},"tool":null}')
  await assert.rejects(s.parse('[]', options), invalid)
  for (const call of [() => s.parseSync('[]', options), () => s.renderSync([], 'json', options), () => s.Findings.fromJSON([]).filter(options)]) assert.throws(call, invalid)
  await assert.rejects(s.scan('.', options), invalid)
  assert.equal({}.polluted, undefined)
  assert.equal({}.root, undefined)
})

test('hostile getters and proxies end as errors', async () => {
  const mine = new Error('mine')
  const thrower = { get scanner() { throw mine } }
  assert.throws(() => s.fingerprint(thrower), invalid)
  const deep = {}
  for (let i = 0, at = deep; i < 100_000; i += 1) at = at.x = {}
  assert.throws(() => s.fingerprint(deep), invalid)
  assert.throws(() => s.Findings.fromJSON([deep]), (error) => error instanceof s.SecureScanError)
  await assert.rejects(s.parse('['.repeat(1 << 20)), coded('parse'))
})

test('a code for every kind of trouble', async () => {
  for (const [code, ask] of [
    ['parse', () => s.parse('')],
    ['parse', () => s.parse('hello')],
    ['limit', () => s.parse(REPORT, { maxFindings: 2 })],
    ['limit', () => s.parse(REPORT, { maxBytes: 5 })],
    ['limit', () => s.parseStream([REPORT], { maxBytes: 5 })],
    ['config', () => s.Config.parse('a: [')],
    ['config', () => s.process([], { config: 'no_such_key: 1' })],
    ['baseline', () => s.Baseline.parse('{')],
    ['baseline', () => s.compare('{', [])],
    ['io', () => s.Config.load('no/such/file.yml')],
    ['io', () => s.Baseline.read('no/such/file.json')],
    ['io', () => s.scan('no/such/folder')],
    ['io', () => s.sbom('no/such/folder')],
    ['unsupported', () => s.parse('{"a":1}')],
    ['invalid_argument', () => s.scan('.', { scanners: ['no-such'] })],
    ['invalid_argument', () => s.render([], 'no-such')],
    ['cancelled', () => s.parse('[]', { signal: AbortSignal.abort() })],
  ]) {
    await assert.rejects(async () => ask(), coded(code), `${code}: ${ask}`)
  }
})

test('a signal stops every heavy call', async () => {
  const why = new Error('enough')
  const big = JSON.stringify(many(30_000))
  const findings = s.Findings.fromJSON(big)
  for (const ask of [
    (signal) => s.parse(big, { signal }),
    (signal) => s.process(findings, { signal }),
    (signal) => s.diff(findings, findings.slice(1), { signal }),
    (signal) => s.compare(s.Baseline.fromFindings([]), findings, { signal }),
    (signal) => s.render(findings, 'sarif', { signal }),
    (signal) => s.parseStream((async function* () { for (;;) { yield ' '.repeat(1000); await new Promise(setImmediate) } })(), { signal }),
  ]) {
    const control = new AbortController()
    const asked = ask(control.signal)
    control.abort(why)
    await assert.rejects(asked, (error) => coded('cancelled')(error) && error.cause === why && error.name === 'AbortError', `${ask}`)
    await assert.rejects(ask(control.signal), coded('cancelled'), `${ask}`)
  }
})

test('binary formats and encodings', async () => {
  const pdf = await s.render(many(2), 'report-pdf')
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-')
  assert.ok(s.renderSync(many(2), 'report-pdf').equals(pdf))
  const large = s.Findings.fromJSON(many(8_000, { description: 'ä€😀'.repeat(40) }))
  const text = await s.render(large, 'json')
  assert.ok(text.length > 1 << 20)
  assert.equal(text, s.renderSync(large, 'json'))
  assert.equal((await s.render(large, 'json', { encoding: 'buffer' })).toString(), text)
})
