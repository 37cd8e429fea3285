// The command line in this process, as `npx securescan` runs it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { scan, version } from '../index.mjs'
import { packageFolder, root } from './support.mjs'

const bin = join(packageFolder, 'bin/securescan.js')
const run = (args, options = {}) => spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: root, ...options })

test('arguments, streams and exit codes pass through', () => {
  assert.equal(run(['--version']).stdout, `securescan ${version}\n`)
  assert.equal(run(['no-such-command']).status, 2)
  assert.match(run(['no-such-command']).stderr, /no-such-command/)
  assert.equal(run(['scan', 'no/such/folder']).status, 2)
  const call = run(['call', 'version'], { input: '{}' })
  assert.deepEqual(JSON.parse(call.stdout), { version })
})

test('the command and the function find the same', async () => {
  const told = run(['scan', 'examples/weak-shop', '--offline', '--output', 'json'])
  assert.equal(told.status, 0)
  const result = await scan(join(root, 'examples/weak-shop'), { online: false })
  assert.deepEqual(JSON.parse(told.stdout).map((f) => f.fingerprint), result.findings.filter({ suppressed: false }).toJSON().map((f) => f.fingerprint))
  assert.equal(run(['scan', 'examples/weak-shop', '--offline', '--fail-on-severity', 'high']).status, 1)
})

test('a file name of any bytes comes through', { skip: process.platform !== 'linux' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'securescan-'))
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x2e, 0x6a])]), '[]')
  const told = spawnSync('sh', ['-c', `cd '${folder}' && exec '${process.execPath}' '${bin}' import *`], { encoding: 'utf8' })
  assert.equal(told.status, 0, told.stderr)
  rmSync(folder, { recursive: true })
})

test('without the addon the message names the package', () => {
  const told = spawnSync(process.execPath, ['-e', `
    const Module = require('node:module')
    const load = Module._load
    Module._load = function (request, ...rest) {
      if (request.includes('securescan') && (request.endsWith('.node') || request.startsWith('securescan-'))) {
        throw Object.assign(new Error("Cannot find module '" + request + "'"), { code: 'MODULE_NOT_FOUND' })
      }
      return load.call(this, request, ...rest)
    }
    try { require(${JSON.stringify(packageFolder)}) } catch (error) { console.log(error.code, error.message) }`], { encoding: 'utf8' })
  assert.match(told.stdout, /^unsupported the package `securescan-\w+-\w+(-\w+)?` is missing, .*npm install securescan-/)
})
