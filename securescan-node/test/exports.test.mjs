// What is exported: the same from both module systems, all of it declared, all of it in the type tests.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import * as imported from '../index.mjs'
import { packageFolder } from './support.mjs'

const require = createRequire(import.meta.url)
const required = require('../index.js')
const text = (file) => readFileSync(join(packageFolder, file), 'utf8')
const names = Object.keys(required).sort()

test('both module systems give the same', () => {
  const { default: whole, ...named } = imported
  assert.equal(whole, required)
  assert.deepEqual(Object.keys(named).sort(), names)
  for (const name of names) assert.equal(named[name], required[name], name)
  assert.equal(required._call('version', '{}'), JSON.stringify({ version: imported.version }))
  assert.equal(imported.version, JSON.parse(text('package.json')).version)
  assert.equal(imported.buildInfo().version, imported.version)
})

test('every export is declared and in the type tests', () => {
  const declared = [...text('index.d.ts').matchAll(/^export (?:declare )?(?:class|function|const) (\w+)/gm)].map(([, name]) => name)
  assert.deepEqual([...new Set(declared)].sort(), names)
  const used = text('test/types/right.mts')
  for (const name of names) assert.match(used, new RegExp(`\\b${name}\\b`), name)
})

test('every method of the classes is declared, and every declared one is there', () => {
  const declaration = text('index.d.ts')
  for (const name of ['Baseline', 'Comparison', 'Config', 'Diff', 'Findings', 'ScanResult']) {
    const [, body] = declaration.match(new RegExp(`export class ${name}[^{]*\\{\\n(.*?)\\n\\}`, 's'))
    const told = [...body.matchAll(/^ {2}(?:static |readonly )*(\w+)[(:]/gm)].map(([, member]) => member).filter((member) => member !== 'private')
    const Class = required[name]
    const own = (object) => Object.getOwnPropertyNames(object).filter((member) => !['constructor', 'length', 'name', 'prototype', 'handle'].includes(member))
    const there = [...own(Class), ...own(Class.prototype), ...(Object.getPrototypeOf(Class).prototype ? own(Object.getPrototypeOf(Class).prototype) : [])]
    for (const member of there) assert.ok(told.includes(member), `${name}.${member} is not declared`)
    // Values of an instance, which its class does not show.
    const fields = { Config: ['scanTypes', 'severityOverrides', 'ignoredRules', 'semgrepRules', 'failOnSeverity'], ScanResult: ['findings', 'suppressed', 'overridden', 'notices', 'configFile', 'root', 'complete'] }
    for (const member of told) assert.ok([...there, 'length', ...(fields[name] ?? [])].includes(member), `${name}.${member} is not there`)
  }
})

test('options are declared as the engine has them', () => {
  const tables = JSON.parse(require('../lib/native.js').tables())
  const camel = (key) => key.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase())
  const body = (name) => text('index.d.ts').match(new RegExp(`export interface ${name} \\{\\n(.*?)\\n\\}`, 's'))[1]
  const keys = (name) => [...body(name).matchAll(/^ {2}(\w+)\??:/gm)].map(([, key]) => key).sort()
  assert.deepEqual(keys('RenderOptions'), ['baseRef', 'headRef', ...tables.render_options.map(camel)].sort())
  assert.deepEqual(keys('Conditions'), tables.conditions.map(camel).sort())
})

const inWorker = (code) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData: packageFolder })
    worker.once('message', resolve).once('error', reject)
  })

test('worker threads load it, by both module systems', async () => {
  const answer = "require('node:worker_threads').parentPort.postMessage"
  const path = "require('node:worker_threads').workerData"
  assert.equal(await inWorker(`${answer}(require(${path}).version)`), imported.version)
  assert.equal(await inWorker(`import('file://' + ${path} + '/index.mjs').then((s) => ${answer}(s.version))`), imported.version)
})

test('eight workers at work are ended', async () => {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const s = require(workerData)
    const list = Array.from({ length: 2000 }, (_, i) => ({ scanner: 's', scan_type: 'code', severity: 'low', title: 't' + i }))
    async function main() {
      for (let round = 0; ; round += 1) {
        const findings = await s.parse(JSON.stringify(list))
        const done = await s.process(findings)
        await s.render(await s.diff(findings, done), 'sarif')
        s.scan('.', { scanners: ['dockerfile'], noConfig: true, onEvent: () => {} }).catch(() => {})
        s.parseStream((async function* () { yield '['; await new Promise(() => {}) })()).catch(() => {})
        if (round === 1) parentPort.postMessage(findings.length)
      }
    }
    main()`
  const workers = Array.from({ length: 8 }, () => new Worker(code, { eval: true, workerData: packageFolder }))
  const counts = await Promise.all(workers.map((worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))))
  assert.deepEqual(counts, Array(8).fill(2000))
  assert.deepEqual(await Promise.all(workers.map((worker) => worker.terminate())), Array(8).fill(1))
  assert.equal((await imported.parse('[]')).length, 0)
})
