// Errors: always an Error with a code; and what a caller can do wrong.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import securescan, { SecureScanError, _call, fingerprint, normalizedLineContext, version } from '../index.mjs'

const invalid = (error) => error instanceof SecureScanError && error instanceof Error && error.code === 'invalid_argument'

test('an error tells its parts', () => {
  assert.throws(() => _call('version', '{\n'), (error) => {
    assert.equal(error.code, 'invalid_argument')
    assert.equal(error.name, 'SecureScanError')
    assert.equal(error.line, 2)
    assert.ok(!error.message.includes('\n'))
    return true
  })
})

test('wrong types are refused with a code', () => {
  const recursive = {}
  recursive.metadata = recursive
  for (const finding of [undefined, null, 5, 'text', [], Symbol('x'), recursive, { scanner: 1n }, { scanner: 5 }, { scanner: '\ud800' }]) {
    assert.throws(() => fingerprint(finding), invalid)
  }
  for (const [op, request] of [[undefined, '{}'], ['version', undefined], [5, 5], ['version', Buffer.from('{}')]]) {
    assert.throws(() => _call(op, request), invalid)
  }
  assert.throws(() => normalizedLineContext(5), (error) => error instanceof SecureScanError)
})

test('hostile keys change nothing', () => {
  const finding = JSON.parse('{"scanner":"bandit","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')
  assert.equal(fingerprint(finding, { scheme: 'v1' }), fingerprint({ scanner: 'bandit' }, { scheme: 'v1' }))
  assert.equal({}.polluted, undefined)
})

test('both module systems give the same', () => {
  const required = createRequire(import.meta.url)('../index.js')
  assert.equal(required.fingerprint, fingerprint)
  assert.equal(securescan.version, version)
  assert.equal(_call('version', '{}'), JSON.stringify({ version }))
})

test('a worker thread can load it', async () => {
  const code = "const s = require(require('node:worker_threads').workerData); require('node:worker_threads').parentPort.postMessage(s.version)"
  const path = createRequire(import.meta.url).resolve('../index.js')
  const worker = new Worker(code, { eval: true, workerData: path })
  const told = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  assert.equal(told, version)
})
