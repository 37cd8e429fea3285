// The calls of the Node package beside the same typed calls in Rust, over two snapshots of 100,000 findings; how long the event
// loop stands still during them; and how soon a scan ends that is told to.
//
//   cargo build --release -p securescan-node -p securescan-benches
//   node benches/node.mjs [findings] [runs]
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const release = join(root, process.env.CARGO_TARGET_DIR ?? 'target', 'release')
const work = join(root, 'target/bench-node')
const [findings = '100000', runs = '5'] = process.argv.slice(2)
mkdirSync(work, { recursive: true })

// The release addon, under the name that the package of this platform has.
const addon = join(work, 'securescan.node')
copyFileSync(join(release, 'libsecurescan_node.so'), addon)
const require = createRequire(import.meta.url)
const Module = require('node:module')
const resolve = Module._resolveFilename
Module._resolveFilename = (request, ...rest) => (/securescan\.[\w-]+\.node$/.test(request) ? addon : resolve(request, ...rest))
const s = require(join(root, 'securescan-node/index.js'))
if (s.buildInfo().profile !== 'release') throw new Error('this is no release build')

const [base, head] = ['base.json', 'head.json'].map((name) => join(work, `${findings}-${name}`))
if (!existsSync(head)) execFileSync(join(release, 'securescan-bench-data'), [findings, base, head])
const [baseBytes, headBytes] = [readFileSync(base), readFileSync(head)]

const median = (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]
const times = {}
async function timed(name, call) {
  const start = performance.now()
  const out = await call()
  ;(times[name] ??= []).push((performance.now() - start) / 1000)
  return out
}

const small = '[{"scanner":"s","scan_type":"code","severity":"low","title":"t","file_path":"a.py"}]'
async function once() {
  const before = await timed('parse', () => s.parse(baseBytes))
  const after = await s.parse(headBytes)
  const done = await timed('process', () => s.process(after))
  const change = await timed('diff', () => s.diff(before, after))
  await timed('render', () => s.render(done, 'sarif', { encoding: 'buffer' }))
  await timed('summary', () => s.summary(done))
  await timed('small', () => {
    for (let i = 0; i < 1000; i += 1) s.processSync(s.parseSync(small))
  })
  return change
}

/** Rust and Node by turns, so that a machine whose speed drifts hits both. */
const rust = {}
for (let run = 0; run <= Number(runs); run += 1) {
  const said = execFileSync(join(release, 'securescan-bench-calls'), [base, head, '1'], { encoding: 'utf8' })
  for (const [name, seconds] of said.trim().split('\n').map((line) => line.split(' '))) (rust[name] ??= []).push(Number(seconds))
  await once()
  if (run === 0) for (const list of [...Object.values(rust), ...Object.values(times)]) list.length = 0
}
console.log(`${findings} findings, ${(headBytes.length / 1e6).toFixed(0)} MB, ${process.version}\n\n| call | Rust s | Node s | ratio |\n|---|---:|---:|---:|`)
for (const name of Object.keys(times)) {
  const [a, b] = [median(rust[name]), median(times[name])]
  console.log(`| ${name} | ${a.toFixed(4)} | ${b.toFixed(4)} | ${(b / a).toFixed(2)} |`)
}

/** How long the event loop stands still while something goes on. */
async function lag(name, call) {
  globalThis.gc?.()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const start = performance.now()
  await call()
  const wall = performance.now() - start
  delay.disable()
  const ms = (ns) => (ns / 1e6).toFixed(1)
  console.log(`| ${name} | ${(wall / 1000).toFixed(2)} | ${ms(delay.percentile(50))} | ${ms(delay.percentile(99))} | ${ms(delay.max)} |`)
}

const headText = headBytes.toString()
console.log('\n| event loop during | wall s | p50 ms | p99 ms | longest ms |\n|---|---:|---:|---:|---:|')
await lag('nothing', () => new Promise((resolve) => setTimeout(resolve, 2000)))
let all
await lag('parse of bytes', async () => { all = await s.parse(headBytes) })
await lag('parse of a string', () => s.parse(headText))
await lag('process', async () => { all = await s.process(all) })
await lag('render to a string', () => s.render(all, 'sarif'))
await lag('render to bytes', () => s.render(all, 'sarif', { encoding: 'buffer' }))
await lag('the pipeline: parse two, process, diff, render', async () => {
  const [before, after] = [await s.parse(baseBytes), await s.parse(headText)]
  const change = await s.diff(await s.process(before), await s.process(after))
  await s.render(change, 'sarif')
  await s.render(change, 'github-pr-comment')
})
console.log('\n| at once, over all findings | ms |\n|---|---:|')
for (const [name, call] of Object.entries({
  filter: () => all.filter({ minSeverity: 'high' }),
  'filter by a function': () => all.filter((f) => f.line === 1),
  sort: () => all.sort('file_path'),
  groupBy: () => all.groupBy('rule_id'),
  summary: () => s.summary(all),
  coverage: () => s.coverage(all),
  'for … of': () => { for (const finding of all) finding.line },
  toJSON: () => all.toJSON(),
  equals: () => all.equals(all.slice()),
})) {
  const start = performance.now()
  call()
  console.log(`| ${name} | ${(performance.now() - start).toFixed(1)} |`)
}

// A tool that never ends, and its child.
const slow = join(work, 'bandit')
writeFileSync(slow, '#!/bin/sh\ncase "$*" in *--version*) echo "bandit 1.7.0"; exit 0;; esac\nsleep 300 &\nwait\n')
chmodSync(slow, 0o755)
writeFileSync(join(work, 'app.py'), 'eval(x)\n')
const latency = []
for (let i = 0; i < 20; i += 1) {
  const control = new AbortController()
  let begun
  const started = new Promise((resolve) => (begun = resolve))
  const scanning = s.scan(work, { scanners: ['bandit'], toolPaths: { bandit: slow }, noConfig: true, signal: control.signal, onEvent: ({ event }) => event === 'scanner.start' && begun() })
  await started
  await new Promise((resolve) => setTimeout(resolve, 50))
  const start = performance.now()
  control.abort()
  await scanning.catch(() => {})
  latency.push(performance.now() - start)
}
latency.sort((a, b) => a - b)
console.log(`\nfrom the abort of a scan to its rejection, its processes gone: median ${latency[10].toFixed(1)} ms, longest ${latency.at(-1).toFixed(1)} ms`)
