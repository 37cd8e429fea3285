'use strict'

// The operations that are functions. Heavy ones give promises and run on other threads; their `…Sync` twins run at once.

const native = require('./native.js')
const { abortable, entries, json, number, text } = require('./arguments.js')
const { call, invalid, wait } = require('./errors.js')
const { handleFrom, wrap } = require('./findings.js')
const { decode, files, isInput, slurp, slurpSync } = require('./input.js')
const { baselineFrom, configFrom } = require('./policy.js')
const { asComparison, asDiff, differenceOf } = require('./results.js')
const { RENDER_OPTIONS } = require('./tables.js')

const READING = ['tool', 'root', 'max_bytes', 'max_findings']
const PROCESSING = ['root', 'files', 'config', 'baseline', 'suppress']
const RENDERING = [...RENDER_OPTIONS, 'encoding']
const BILL = ['format', 'name', 'created']

/** Runs an operation by name over JSON text. */
function _call(op, request) {
  if (typeof op !== 'string') throw invalid('`op` is not a string')
  if (typeof request !== 'string') throw invalid('`request` is not a string')
  return call(() => native.call(op, request))
}

const ask = (op, request) => JSON.parse(_call(op, json(request, 'the argument')))

/** Options of a heavy call: what it is told, and the signal that stops it. */
function stoppable(options, known) {
  const { signal, ...rest } = entries(options, [...known, 'signal'])
  return [rest, signal]
}

async function parse(report, options) {
  const [reading, signal] = stoppable(options, READING)
  const told = json(reading)
  return abortable(signal, async () => {
    const bytes = await slurp(report, 'the report')
    return wrap(await wait(() => native.parse(bytes, told)))
  })
}

function parseSync(report, options) {
  const told = json(entries(options, READING))
  const bytes = slurpSync(report, 'the report')
  return wrap(call(() => native.parseSync(bytes, told)))
}

/** The arguments of the pipeline as the addon takes them. */
function processing(findings, given) {
  const { files: sources, config, baseline, ...rest } = given
  return [
    handleFrom(findings),
    json(rest),
    sources === undefined || sources === null ? undefined : files(sources, '`files`'),
    configFrom(config),
    baselineFrom(baseline),
  ]
}

async function process(findings, options) {
  const [given, signal] = stoppable(options, PROCESSING)
  const told = processing(findings, given)
  return abortable(signal, async () => wrap(await wait(() => native.process(...told))))
}

function processSync(findings, options) {
  const told = processing(findings, entries(options, PROCESSING))
  return wrap(call(() => native.processSync(...told)))
}

async function diff(base, head, options) {
  const [, signal] = stoppable(options, [])
  const sides = [handleFrom(base, 'the base'), handleFrom(head, 'the head')]
  return abortable(signal, async () => asDiff(await wait(() => native.diff(...sides))))
}

function diffSync(base, head) {
  const sides = [handleFrom(base, 'the base'), handleFrom(head, 'the head')]
  return asDiff(call(() => native.diffSync(...sides)))
}

/** A baseline and what is there now, as the addon takes them. */
function against(baseline, current) {
  if (baseline === undefined || baseline === null) throw invalid('there is no baseline to compare with')
  return [baselineFrom(baseline), handleFrom(current, 'the current findings')]
}

async function compare(baseline, current, options) {
  const [, signal] = stoppable(options, [])
  const sides = against(baseline, current)
  return abortable(signal, async () => asComparison(await wait(() => native.compare(...sides))))
}

function compareSync(baseline, current) {
  const sides = against(baseline, current)
  return asComparison(call(() => native.compareSync(...sides)))
}

/** What is rendered, by which function of the addon, and whether the caller gets bytes. */
function rendering(subject, format, { encoding = 'utf8', ...style }) {
  if (encoding !== 'utf8' && encoding !== 'buffer') throw invalid("`encoding` is neither 'utf8' nor 'buffer'")
  const difference = differenceOf(subject)
  return {
    name: difference === undefined ? 'renderFindings' : 'renderDifference',
    told: [difference ?? handleFrom(subject, 'what to render'), text(format, 'the format'), json(style)],
    asBytes: encoding === 'buffer' || call(() => native.isBinary(format)),
  }
}

async function render(subject, format, options) {
  const [style, signal] = stoppable(options, RENDERING)
  const { name, told: given, asBytes } = rendering(subject, format, style)
  return abortable(signal, async () => {
    const bytes = await wait(() => native[name](...given))
    return asBytes ? bytes : wait(() => decode(bytes))
  })
}

function renderSync(subject, format, options) {
  const { name, told: given, asBytes } = rendering(subject, format, entries(options, RENDERING))
  const bytes = call(() => native[`${name}Sync`](...given))
  return asBytes ? bytes : call(() => bytes.toString('utf8'))
}

/** A folder, or texts by path. */
function billing(source, options) {
  const isPath = typeof source === 'string'
  return [isPath ? text(source, 'the path') : undefined, isPath ? undefined : files(source, 'the manifests'), json(options)]
}

async function sbom(source, options) {
  const [given, signal] = stoppable(options, BILL)
  const told = billing(source, given)
  return abortable(signal, () => wait(() => native.sbom(...told)))
}

function sbomSync(source, options) {
  const told = billing(source, entries(options, BILL))
  return call(() => native.sbomSync(...told))
}

async function status(options) {
  const [, signal] = stoppable(options, [])
  return abortable(signal, async () => JSON.parse(await wait(() => native.status())))
}

const statusSync = () => JSON.parse(call(() => native.statusSync()))

function fingerprint(finding, options) {
  const { scheme = 'v2' } = entries(options, ['scheme'])
  return ask('fingerprint', { finding, scheme }).fingerprint
}

function normalizedLineContext(snippet, options) {
  const { scheme = 'v2', path = null } = entries(options, ['scheme', 'path'])
  return ask('normalized_line_context', { snippet, scheme, path }).context
}

const complianceTags = (finding) => ask('compliance_tags', { finding }).tags

function summary(findings) {
  const handle = handleFrom(findings)
  return JSON.parse(call(() => handle.summary()))
}

function riskScore(findings) {
  const handle = handleFrom(findings)
  return call(() => handle.riskScore())
}

function coverage(findings) {
  const handle = handleFrom(findings)
  return JSON.parse(call(() => handle.coverage()))
}

/** A header that is missing, or there twice, is no signature; anything else that is no text is a mistake of the caller. */
function verifyWebhook(secret, header, body, options) {
  const { tolerance = 300, now } = entries(options, ['tolerance', 'now'])
  text(secret, 'the secret')
  number(tolerance, '`tolerance`')
  if (now !== undefined) number(now, '`now`', -Number.MAX_SAFE_INTEGER)
  if (!isInput(body)) throw invalid('the body is neither a string nor a Buffer or Uint8Array; hand over the raw body, as it came')
  const bytes = slurpSync(body, 'the body')
  if (header === undefined || header === null || Array.isArray(header)) return false
  if (typeof header !== 'string') throw invalid('the header is no string')
  return call(() => native.verifyWebhook(secret, header, bytes, Math.trunc(tolerance), now === undefined ? undefined : Math.trunc(now)))
}

const buildInfo = () => ({ ...JSON.parse(native.buildInfo()), node: globalThis.process.version, napi: globalThis.process.versions.napi })

module.exports = {
  ...{ _call, buildInfo, compare, compareSync, complianceTags, coverage, diff, diffSync, fingerprint, normalizedLineContext },
  ...{ parse, parseSync, process, processSync, render, renderSync, riskScore, sbom, sbomSync, status, statusSync, summary, verifyWebhook },
}
