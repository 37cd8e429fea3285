// The conformance suite over the Node facade, and over the idiomatic functions where they exist.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SecureScanError, _call, fingerprint, normalizedLineContext } from '../index.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../conformance')
// A case, the folder of the cases in the place of its name.
const read = (path) => JSON.parse(readFileSync(path, 'utf8').replaceAll('$CONFORMANCE', () => JSON.stringify(folder).slice(1, -1)))
const pending = read(join(folder, 'pending.json'))
const reason = ({ id, op }) => pending[id] ?? pending[op]
const cases = readdirSync(folder)
  .filter((name) => name !== 'src' && statSync(join(folder, name)).isDirectory())
  .flatMap((name) => readdirSync(join(folder, name)).filter((f) => f.endsWith('.json')).map((f) => join(folder, name, f)))
  .sort()
  .map(read)

const idiomatic = {
  fingerprint: ({ finding, scheme }) => ({ fingerprint: fingerprint(finding, { scheme }) }),
  normalized_line_context: ({ snippet, scheme, path }) => ({ context: normalizedLineContext(snippet, { scheme, path }) }),
}

// The parts of the error the case names, and no message.
function judge({ expect, why }, ask) {
  let answer
  try {
    answer = ask()
  } catch (error) {
    assert.ok(error instanceof SecureScanError, `${error}`)
    assert.ok(expect.err, `${why}: ${error}`)
    const told = Object.fromEntries(Object.keys(expect.err).map((name) => [name, error[name]]))
    assert.deepEqual(told, expect.err)
    return
  }
  assert.deepEqual(answer, expect.ok, why)
}

let ran = 0
for (const case_ of cases.filter((c) => !reason(c))) {
  ran += 1
  test(case_.id, () => {
    judge(case_, () => JSON.parse(_call(case_.op, case_.request_text ?? JSON.stringify(case_.request))))
    if (case_.op in idiomatic && case_.request?.constructor === Object) judge(case_, () => idiomatic[case_.op](case_.request))
  })
}

test('count', () => {
  const skipped = cases.filter(reason)
  assert.equal(ran + skipped.length, cases.length)
  assert.ok(ran > 0)
  for (const c of skipped) console.log(`skipped: ${c.id}: ${reason(c)}`)
  console.log(`conformance node: ran ${ran} skipped ${skipped.length}`)
})
