// `Findings` as a list of JavaScript.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { Baseline, Config, Findings, compareSync, coverage, diff, diffSync, process as run, processSync, riskScore, summary } from '../index.mjs'
import { coded, finding, many } from './support.mjs'

const twenty = () => Findings.fromJSON(many(20))

test('a list of findings is one of JavaScript', () => {
  const all = twenty()
  assert.equal(all.length, 20)
  assert.equal(all.at(0).title, 'Title 0')
  assert.equal(all.at(-1).title, 'Title 19')
  assert.equal(all.at(20), undefined)
  assert.equal(all.at(-21), undefined)
  assert.equal(all.at(1.9).line, 2)
  assert.equal([...all].length, 20)
  assert.equal(Array.from(all, (f) => f.line).at(3), 4)
  assert.deepEqual(JSON.parse(JSON.stringify(all)), all.toJSON())
  assert.deepEqual([...all], all.toJSON())
  assert.equal(inspect(all), 'Findings(20)')
  assert.equal(`${Object.prototype.toString.call(all)}`, '[object Findings]')
})

test('slices are those of arrays', () => {
  const all = twenty()
  const array = all.toJSON()
  for (const places of [[], [3], [3, 7], [-3], [2, -2], [9, 3], [0, 100], [-100, 2], [Infinity], [-Infinity, Infinity], [1.7, 4.2]]) {
    assert.deepEqual(all.slice(...places).toJSON(), array.slice(...places), `${places}`)
  }
})

test('one finding is converted at a time', () => {
  let seen = 0
  for (const f of Findings.fromJSON(many(1000))) {
    seen += 1
    if (f.line === 3) break
  }
  assert.equal(seen, 3)
})

test('filters take conditions or a function', () => {
  const all = twenty()
  assert.equal(all.filter({ severity: 'high' }).length, 4)
  assert.equal(all.filter({ severity: ['high', 'low'], ruleId: 'B1' }).length, 2)
  assert.equal(all.filter({ minSeverity: 'high' }).length, 8)
  assert.equal(all.filter({ path: 'src/f0.py', text: 'title 1' }).length, 3)
  assert.deepEqual(all.filter({ rule_id: ['B1'] }).toJSON(), all.filter((f) => f.rule_id === 'B1').toJSON())
  assert.deepEqual(all.filter((f, index) => index % 2 === 1).toJSON().map((f) => f.line), [2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
  const mine = new Error('mine')
  assert.throws(() => all.filter(() => { throw mine }), (error) => error === mine && error.code === 'cancelled')
  for (const wrong of [undefined, null, 5, 'high', [], { colour: 1 }, { severity: 'worst' }, { ruleId: 'a', rule_id: 'b' }, { text: 5 }, { text: () => 1 }]) {
    assert.throws(() => all.filter(wrong), coded('invalid_argument'), inspect(wrong))
  }
})

test('order and groups', () => {
  const all = twenty()
  assert.deepEqual(all.sort('severity').toJSON().map((f) => f.severity), all.toJSON().map((f) => f.severity).sort((a, b) => ['critical', 'high', 'medium', 'low', 'info'].indexOf(a) - ['critical', 'high', 'medium', 'low', 'info'].indexOf(b)))
  assert.deepEqual(all.sort('title', { reverse: true }).at(0).title, 'Title 9')
  const groups = all.groupBy('severity')
  assert.deepEqual([...groups.keys()], ['critical', 'high', 'medium', 'low', 'info'])
  assert.equal(groups.get('high').length, 4)
  assert.ok(twenty().groupBy('cwe').has(null))
  for (const wrong of [() => all.sort('colour'), () => all.sort(5), () => all.sort((a, b) => a - b), () => all.groupBy(), () => all.sort('title', { reverse: 1 })]) {
    assert.throws(wrong, coded('invalid_argument'))
  }
})

test('lists are joined, compared and deduplicated', async () => {
  const all = twenty()
  assert.equal(all.concat(all, [finding(99)]).length, 41)
  assert.ok(all.equals(twenty()) && !all.equals(all.slice(1)) && !all.equals([]) && all.slice().equals(all))
  const twice = Findings.fromJSON([
    finding(1, { scanner: 'bandit', rule_id: 'B307', cwe: 'CWE-95', file_path: 'a.py', line: 3 }),
    finding(1, { scanner: 'semgrep', rule_id: 'python.lang.security.audit.eval-detected.eval-detected', cwe: 'CWE-95', file_path: 'a.py', line: 3 }),
  ])
  assert.ok(twice.dedupSync().length <= 2)
  assert.ok((await twice.dedup()).equals(twice.dedupSync()))
})

test('snapshots keep target and coverage', () => {
  const snapshot = { schema: 'securescan/snapshot@1', target: 'shop', scanners: [{ name: 'bandit', scan_type: 'code', status: 'ok' }], findings: many(2) }
  const all = Findings.fromJSON(snapshot)
  assert.equal(all.target, 'shop')
  assert.equal(all.scanners[0].status, 'ok')
  assert.ok(Findings.fromJSON(all.toSnapshot()).equals(all))
  assert.ok(Findings.fromJSON(Buffer.from(all.toSnapshot())).equals(all))
  assert.equal(inspect(all), "Findings(2) of 'shop'")
  assert.throws(() => Findings.fromJSON('[{]'), coded('parse'))
  assert.throws(() => Findings.fromJSON(Buffer.from([0x5b, 0xff])), (error) => coded('parse')(error) && error.byte === 1)
})

test('steps, differences and baselines over lists', async () => {
  const base = Findings.fromJSON(many(5))
  const head = Findings.fromJSON(many(7).slice(1))
  const done = await run(base, { config: 'ignored_rules: [B1]\n' })
  assert.equal(done.suppressed.config, 1)
  assert.ok(processSync(base, { config: Config.parse('ignored_rules: [B1]\n') }).equals(done))
  assert.equal(summary(base).total, 5)
  assert.equal(riskScore(base), summary(base).risk_score)
  assert.ok('frameworks' in coverage(base))
  const d = await diff(base, head)
  assert.deepEqual([d.new.length, d.fixed.length, d.unchanged.length, d.notScanned.length, d.raised.length], [2, 1, 4, 0, 0])
  assert.deepEqual(diffSync(base, head).toJSON(), d.toJSON())
  const known = Baseline.fromFindings(base, { targetPath: '.', scanTypes: ['code'] })
  assert.equal(known.length, 5)
  assert.deepEqual([known.targetPath, known.scanTypes], ['.', ['code']])
  assert.equal(`${Baseline.parse(`${known}`)}`, `${known}`)
  assert.deepEqual(JSON.parse(JSON.stringify(known)), known.toJSON())
  const c = compareSync(known, head)
  assert.deepEqual([c.new.length, c.stillPresent.length, c.disappeared.length, c.notScanned.length], [2, 4, 1, 0])
  assert.equal((await run(base, { baseline: known })).suppressed.baseline, 5)
})

test('sources are given by path, as text or bytes', async () => {
  const one = Findings.fromJSON([finding(0, { file_path: 'a.py', line: 1 })])
  const ignored = 'eval(x)  # securescan: ignore B0 known\n'
  for (const content of [ignored, Buffer.from(ignored)]) {
    assert.equal((await run(one, { files: { 'a.py': content } })).suppressed.inline, 1)
  }
  assert.equal((await run(one, { files: { 'a.py': ignored }, suppress: false })).suppressed.inline, 0)
  await assert.rejects(run(one, { files: { 'a.py': 5 } }), coded('invalid_argument'))
})

test('what this package makes is made by it', () => {
  for (const Class of [Findings, Baseline, Config]) assert.throws(() => new Class(), coded('invalid_argument'))
  const { length } = Object.getOwnPropertyDescriptors(Findings.prototype)
  for (const receiver of [undefined, {}, [], Object.create(Findings.prototype)]) {
    assert.throws(() => length.get.call(receiver), coded('invalid_argument'))
    assert.throws(() => Findings.prototype.slice.call(receiver), coded('invalid_argument'))
  }
})
