// Puts ESLint's SARIF and other tools' reports together into one: duplicates merged, in one order, with one identity.
//
//   eslint --format @microsoft/sarif -o eslint.sarif .
//   node merge-eslint.mjs out.sarif eslint.sarif semgrep.json …
import { readFile, writeFile } from 'node:fs/promises'
import { Findings, parse, process as pipeline, render, summary } from 'securescan'

const [out, ...reports] = process.argv.slice(2)
const each = await Promise.all(reports.map(async (file) => parse(await readFile(file), { root: process.cwd() })))
const all = each.reduce((sum, findings) => sum.concat(findings), Findings.fromJSON([]))
const merged = await pipeline(all, { root: process.cwd() })
await writeFile(out, await render(merged, 'sarif', { encoding: 'buffer' }))

const { total, high, critical } = summary(merged)
console.log(`${all.length} findings of ${reports.length} reports are ${total}: ${critical} critical, ${high} high`)
for (const [rule, findings] of merged.groupBy('rule_id')) console.log(`${findings.length}\t${rule}`)
