// Writes the generated declarations: `types.d.ts` from the tables of the engine, `native.d.ts` from what napi tells about the
// addon when it is compiled (`--definitions <folder>`). With `--check` it compares instead.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = join(dirname(fileURLToPath(import.meta.url)), '..')
const argument = (name) => process.argv[process.argv.indexOf(name) + 1]
const check = process.argv.includes('--check')
const definitions = process.argv.includes('--definitions') ? argument('--definitions') : undefined

/** How the engine's options look in TypeScript; one that is not here must be added. */
const OPTION_TYPES = {
  types: 'readonly ScanType[]',
  scanners: 'readonly ScannerName[]',
  target_url: 'string',
  target_host: 'string',
  config: 'string',
  config_file: 'string',
  no_config: 'boolean',
  baseline: 'string',
  baseline_file: 'string',
  suppress: 'boolean',
  jobs: 'number',
  timeout: 'number',
  scanner_timeouts: '{ readonly [scanner in ScannerName]?: number }',
  semgrep_rules: 'readonly string[]',
  online: 'boolean',
  no_ignore: 'boolean',
  vendored: 'boolean',
  max_file_bytes: 'number',
  staged: 'boolean',
  history: 'boolean',
  host_probes: 'boolean',
  secret_rules: 'readonly string[]',
  tool_paths: '{ readonly [scanner in ScannerName]?: string }',
  zap_address: 'string',
  zap_api_key: 'string',
}

const camel = (key) => key.replace(/_[a-z]/g, (pair) => pair[1].toUpperCase())
const union = (name, doc, words) => `/** ${doc} */\nexport type ${name} =\n${words.map((word) => `  | '${word}'`).join('\n')}\n`

function types() {
  const tables = JSON.parse(createRequire(import.meta.url)('../lib/native.js').tables())
  const options = tables.scan_options.filter(([key]) => key !== 'target').map(([key, about]) => {
    if (!(key in OPTION_TYPES)) throw new Error(`the option \`${key}\` is new: say in scripts/types.mjs how it looks`)
    return `  /** ${about.trim()[0].toUpperCase()}${about.trim().slice(1)}. */\n  ${camel(key)}?: ${OPTION_TYPES[key]} | null\n`
  })
  return [
    '// Generated from the tables of the engine by scripts/types.mjs: do not edit.\n',
    "import type { ScanType } from './index'\n",
    union('ErrorCode', 'The stable words an error is told by.', tables.errors),
    union('ReportFormat', 'Formats that are read.', tables.report_formats),
    union('TextFormat', 'Formats that are written as text.', [...tables.text_formats, 'table'].sort()),
    union('BinaryFormat', 'Formats that are written as bytes.', tables.binary_formats),
    '/** Formats that are written. */\nexport type RenderFormat = TextFormat | BinaryFormat\n',
    union('ScannerName', 'Scanners, by name.', tables.scanners),
    `/** What the engine takes for a scan. */\nexport interface EngineScanOptions {\n${options.join('')}}\n`,
  ].join('\n')
}

const indent = (text, by = '  ') => text.trim().split('\n').map((line) => (line.trim() === '' ? '' : by + line.trim().replace(/^\*/, ' *'))).join('\n')

/** What napi wrote: one JSON object a line. */
function native() {
  const items = readdirSync(definitions)
    .flatMap((file) => readFileSync(join(definitions, file), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line))
  const declared = new Map()
  for (const item of items.filter(({ kind }) => kind !== 'impl')) {
    const members = items.filter((other) => other.kind === 'impl' && other.name === item.name).map(({ def }) => def)
    const body = [item.def, ...members].filter(Boolean).join('\n')
    const open = { struct: `export declare class ${item.name} {`, interface: `export interface ${item.name} {` }[item.kind]
    const closed = item.kind === 'struct' && !/\bconstructor\(/.test(body) ? '  private constructor()\n' : ''
    const text = open === undefined ? `export declare ${item.def}` : `${open}\n${closed}${indent(body)}\n}`
    declared.set(item.name, `${item.js_doc.trim()}\n${text}`)
  }
  const names = [...declared.keys()].sort()
  return `// Generated from the addon by scripts/types.mjs: do not edit. The public face is index.d.ts.\n\n${names.map((name) => declared.get(name)).join('\n\n')}\n`
}

let stale = false
for (const [file, make] of [['types.d.ts', types], ...(definitions ? [['native.d.ts', native]] : [])]) {
  const path = join(home, file)
  const text = make()
  if (!check) writeFileSync(path, text)
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    console.error(`securescan-node/${file} is stale; run \`node securescan-node/scripts/types.mjs --definitions target/node/types\` after \`cargo xtask check node\``)
    stale = true
  }
}
if (stale) process.exit(1)
