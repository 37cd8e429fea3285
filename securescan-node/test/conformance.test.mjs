// The conformance suite over the Node facade, and over the idiomatic functions where they exist: promises and their twins.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as s from '../index.mjs'
import { root } from './support.mjs'

const folder = join(root, 'conformance')
// A case, the folder of the cases in the place of its name.
const read = (path) => JSON.parse(readFileSync(path, 'utf8').replaceAll('$CONFORMANCE', () => JSON.stringify(folder).slice(1, -1)))
const pending = read(join(folder, 'pending.json'))
const reason = ({ id, op }) => pending[id] ?? pending[op]
const cases = readdirSync(folder)
  .filter((name) => name !== 'src' && statSync(join(folder, name)).isDirectory())
  .flatMap((name) => readdirSync(join(folder, name)).filter((f) => f.endsWith('.json')).map((f) => join(folder, name, f)))
  .sort()
  .map(read)

/** The request cannot be said in the habits of this language: two bodies, bytes that are none. */
const UNSAYABLE = Symbol('unsayable')
const camel = (object) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key.replace(/_[a-z]/g, (c) => c[1].toUpperCase()), value]))
const some = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null))

function body({ text, base64 }) {
  if ((text !== undefined && base64 !== undefined) || base64 === '***') return UNSAYABLE
  return base64 === undefined ? text : Buffer.from(base64, 'base64')
}

const snapshot = (findings) => ({ target: findings.target, scanners: findings.scanners, findings: findings.toJSON() })
const processed = (findings) => ({
  findings: findings.toJSON(),
  suppressed: findings.suppressed,
  overridden: [...findings].filter((f) => f.metadata.original_severity).length,
})
const rendered = (out) => (typeof out === 'string' ? { text: out } : { base64: out.toString('base64') })

/** Each operation by its function here, and by the twin that ends at once where there is one. */
const idiomatic = {
  baseline: ({ findings, target_path, scan_types }) => [() => ({ text: `${s.Baseline.fromFindings(findings, { targetPath: target_path, scanTypes: scan_types })}` })],
  compare: ({ baseline, current }) => [() => s.compareSync(baseline, current).toJSON(), async () => (await s.compare(baseline, current)).toJSON()],
  compliance_tags: ({ finding }) => [() => ({ tags: s.complianceTags(finding) })],
  config_lint: ({ text, file }) => [() => ({ issues: s.Config.lint(text, { file }) })],
  config_parse: ({ text, file }) => [() => ({ config: s.Config.parse(text, { file }).toJSON() })],
  coverage: ({ findings }) => [() => s.coverage(findings)],
  dedup: ({ findings }) => [
    () => ({ findings: s.Findings.fromJSON(findings).dedupSync().toJSON() }),
    async () => ({ findings: (await s.Findings.fromJSON(findings).dedup()).toJSON() }),
  ],
  diff: ({ base, head }) => [() => s.diffSync(base, head).toJSON(), async () => (await s.diff(base, head)).toJSON()],
  filter: ({ findings, filter = {}, sort, reverse = false }) => [
    () => {
      const kept = s.Findings.fromJSON(findings).filter(camel(filter))
      const all = sort ? kept.sort(sort, { reverse }) : kept
      return { findings: !sort && reverse ? all.toJSON().reverse() : all.toJSON() }
    },
  ],
  fingerprint: ({ finding, scheme }) => [() => ({ fingerprint: s.fingerprint(finding, { scheme }) })],
  normalized_line_context: ({ snippet, scheme, path }) => [() => ({ context: s.normalizedLineContext(snippet, { scheme, path }) })],
  parse: ({ format, root, ...report }) => {
    const bytes = body(report)
    if (bytes === UNSAYABLE) return []
    const options = { tool: format, root }
    const pieces = typeof bytes === 'string' ? [...bytes] : [bytes]
    return [
      () => snapshot(s.parseSync(bytes, options)),
      async () => snapshot(await s.parse(bytes, options)),
      async () => snapshot(await s.parse(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, options)),
      async () => snapshot(await s.parseStream(bytes === undefined ? undefined : pieces, options)),
    ]
  },
  process: ({ findings, ...options }) => [() => processed(s.processSync(findings, options)), async () => processed(await s.process(findings, options))],
  render: ({ findings, base, head, baseline, current, format, options = {} }) => {
    const [one, two, three] = [findings !== undefined, base !== undefined && head !== undefined, baseline !== undefined && current !== undefined]
    const style = camel(some(options))
    if (one + two + three !== 1) return []
    const subject = () => (one ? findings : two ? s.diffSync(base, head) : s.compareSync(baseline, current))
    return [() => rendered(s.renderSync(subject(), format, style)), async () => rendered(await s.render(subject(), format, style))]
  },
  sbom: ({ files, path, ...options }) => {
    if (files !== undefined && path !== undefined) return []
    const source = path ?? files
    return [() => ({ text: s.sbomSync(source, options) }), async () => ({ text: await s.sbom(source, options) })]
  },
  scan: ({ target, ...options }) => [async () => (await s.scan(target, options)).toJSON()],
  status: (request) => [async () => ({ scanners: Array.isArray(request) ? await s.status(request) : await s.status() })],
  summary: ({ findings }) => [() => s.summary(findings)],
  verify_webhook: ({ secret, header, tolerance, now, ...rest }) => {
    const bytes = body(rest)
    return bytes === UNSAYABLE ? [] : [() => ({ valid: s.verifyWebhook(secret, header, bytes, { tolerance, now }) })]
  },
  version: () => [() => ({ version: s.version })],
}

// The parts of the answer or the error that the case names, and no message. `unread` is in the bill itself.
async function judge({ op, expect, why }, ask) {
  let answer
  try {
    answer = await ask()
  } catch (error) {
    assert.ok(error instanceof s.SecureScanError, `${error?.stack}`)
    assert.ok(expect.err, `${why}: ${error}`)
    const told = Object.fromEntries(Object.keys(expect.err).map((name) => [name, error[name]]))
    assert.deepEqual(told, expect.err)
    return
  }
  assert.ok(expect.ok, `${why}: no error`)
  assert.deepEqual(answer, op === 'sbom' && answer.unread === undefined ? { text: expect.ok.text } : expect.ok, why)
}

let ran = 0
let asked = 0
for (const case_ of cases.filter((c) => !reason(c))) {
  ran += 1
  test(case_.id, async () => {
    await judge(case_, () => JSON.parse(s._call(case_.op, case_.request_text ?? JSON.stringify(case_.request))))
    if (!(case_.op in idiomatic) || case_.request?.constructor !== Object) return
    for (const ask of idiomatic[case_.op](case_.request)) {
      asked += 1
      await judge(case_, ask)
    }
  })
}

test('count', () => {
  const skipped = cases.filter(reason)
  assert.equal(ran + skipped.length, cases.length)
  assert.ok(ran > 0 && asked > ran)
  for (const c of skipped) console.log(`skipped: ${c.id}: ${reason(c)}`)
  console.log(`conformance node: ran ${ran} skipped ${skipped.length}`)
})
