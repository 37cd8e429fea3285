// The packages as they are published: packed, installed into an empty project without the network, and used as the README says.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { version } from '../index.mjs'
import { Project, missingNpm, snippet } from './project.mjs'
import { packageFolder } from './support.mjs'

const missing = missingNpm()
if (missing) console.log(`skipped: packages: ${missing}`)
const options = { skip: missing ?? false }
const npm = (args, cwd) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })

const out = mkdtempSync(join(tmpdir(), 'securescan-'))
const install = (project, ...tarballs) =>
  npm(['install', '--offline', '--cache', join(out, 'cache'), '--no-audit', '--no-fund', '--loglevel=error', ...tarballs], project.folder)
const addon = readdirSync(packageFolder).find((file) => file.endsWith('.node'))
const platform = addon.split('.')[1]
let main
let native
let project

before(() => {
  if (missing) return
  const made = execFileSync(process.execPath, [join(packageFolder, 'scripts/packages.mjs'), join(out, 'packed'), `${platform}=${join(packageFolder, addon)}`], { encoding: 'utf8' })
  ;[native, main] = made.trim().split('\n')
  project = new Project()
  install(project, main, native)
})
after(() => {
  rmSync(out, { recursive: true, force: true })
  project?.remove()
})

/** The lines the snippet has to print, whatever is in the folder. */
function right({ status, stdout, stderr }) {
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^true severity,|\ntrue .*severity/)
  assert.match(stdout, /app\.py/)
}

test('the packages hold what they should', options, () => {
  const inside = (name) => readdirSync(project.path('node_modules', name)).sort()
  assert.deepEqual(inside('securescan'), ['LICENSE', 'README.md', 'bin', 'index.d.mts', 'index.d.ts', 'index.js', 'index.mjs', 'lib', 'package.json', 'platforms.json', 'types.d.ts'])
  assert.deepEqual(inside(`securescan-${platform}`), ['LICENSE', 'README.md', 'package.json', 'securescan.node'])
  const manifest = JSON.parse(readFileSync(project.path('node_modules/securescan/package.json'), 'utf8'))
  assert.deepEqual(Object.keys(manifest.scripts), ['test'])
  assert.equal(manifest.dependencies, undefined)
})

test('the README as printed: import, require, worker threads', options, () => {
  const text = snippet()
  const [line] = text.split('\n')
  const [, required] = line.match(/\/\/ or: (.*)$/)
  project.write('printed.mjs', text)
  project.write('printed.cjs', text.replace(line, required))
  right(project.node('printed.mjs'))
  right(project.node('printed.cjs'))
  for (const file of ['printed.mjs', 'printed.cjs']) {
    project.write('worker.cjs', `new (require('node:worker_threads').Worker)(require.resolve('./${file}'))`)
    right(project.node('worker.cjs'))
  }
})

test('the command runs from the installed package', options, () => {
  assert.equal(npm(['exec', '--offline', '--', 'securescan', '--version'], project.folder), `securescan ${version}\n`)
})

test('without the package of the platform, its name is said', options, () => {
  const alone = new Project()
  install(alone, main)
  const told = alone.node('-e', "try { require('securescan') } catch (error) { console.log(error.code, error.message) }")
  assert.match(told.stdout, new RegExp(`^unsupported the package \`securescan-${platform}\` is missing`))
  assert.match(told.stdout, new RegExp(`npm install securescan-${platform}@${version}`))
  const { status, stderr } = alone.node('node_modules/securescan/bin/securescan.js', '--version')
  assert.equal(status, 2)
  assert.match(stderr, /is missing/)
  alone.remove()
})
