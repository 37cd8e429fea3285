'use strict'

// `Findings`: the list as JavaScript sees it. The findings stay in the engine.

const { inspect } = require('node:util')
const native = require('./native.js')
const { entries, flag, json, text } = require('./arguments.js')
const { call, invalid, thrown, wait } = require('./errors.js')
const { isInput, slurpSync } = require('./input.js')
const { CONDITIONS } = require('./tables.js')

/** A single one stands for a list of it. */
const LISTS = ['severity', 'scanner', 'scan_type', 'rule_id', 'cwe', 'path', 'compliance_tag']

let handleOf
let wrap

class Findings {
  #native

  constructor(key, handle) {
    if (key !== Findings.#key) throw invalid('findings come from `parse`, `scan`, `process` or `Findings.fromJSON`')
    this.#native = handle
  }

  static #key = Symbol('findings')

  static {
    wrap = (handle) => new Findings(Findings.#key, handle)
    handleOf = (value) => (typeof value === 'object' && value !== null && #native in value ? value.#native : undefined)
  }

  static fromJSON(document) {
    const what = 'the document'
    if (!isInput(document) && (typeof document !== 'object' || document === null)) throw invalid('findings are neither text nor an array nor a snapshot')
    const bytes = slurpSync(isInput(document) ? document : json(document, what), what)
    return wrap(call(() => native.Findings.fromJson(bytes)))
  }

  get length() {
    return own(this).length
  }

  get target() {
    return own(this).target
  }

  get scanners() {
    return JSON.parse(call(() => own(this).scanners()))
  }

  get suppressed() {
    return JSON.parse(call(() => own(this).suppressed()))
  }

  at(index) {
    const handle = own(this)
    const place = position(index, 'the index', handle.length)
    return place < 0 || place >= handle.length ? undefined : one(handle, place)
  }

  slice(start = 0, end = undefined) {
    const handle = own(this)
    const size = handle.length
    const clamp = (place) => Math.min(Math.max(place, 0), size)
    const from = clamp(position(start, 'the start', size))
    const to = end === undefined ? size : clamp(position(end, 'the end', size))
    return wrap(call(() => handle.slice(from, Math.max(from, to))))
  }

  filter(wanted) {
    const handle = own(this)
    if (typeof wanted === 'function') {
      const places = chosen(handle, wanted)
      return wrap(call(() => handle.select(places)))
    }
    if (typeof wanted !== 'object' || wanted === null) throw invalid('a filter is an object of conditions or a function')
    const conditions = entries(wanted, CONDITIONS, 'conditions')
    for (const name of LISTS) if (name in conditions && !Array.isArray(conditions[name])) conditions[name] = [conditions[name]]
    return wrap(call(() => handle.filter(json(conditions, 'the conditions'))))
  }

  sort(key = 'canonical', options) {
    const handle = own(this)
    const { reverse = false } = entries(options, ['reverse'])
    flag(reverse, '`reverse`')
    return wrap(call(() => handle.sort(text(key, 'the key'), reverse)))
  }

  groupBy(key) {
    const groups = call(() => own(this).groupBy(text(key, 'the key')))
    return new Map(groups.map((group) => [group.key ?? null, wrap(group.findings)]))
  }

  concat(...others) {
    const all = others.map((other) => toFindings(other, 'what to add'))
    return all.reduce((sum, other) => wrap(call(() => handleOf(sum).concat(own(other)))), wrapped(this))
  }

  async dedup() {
    return wrap(await wait(() => own(this).dedup()))
  }

  dedupSync() {
    return wrap(call(() => own(this).dedupSync()))
  }

  equals(other) {
    const mine = own(this)
    const handle = handleOf(other)
    return handle !== undefined && mine.equals(handle)
  }

  toJSON() {
    return JSON.parse(call(() => own(this).toJson()))
  }

  toSnapshot() {
    return call(() => own(this).toSnapshot())
  }

  *[Symbol.iterator]() {
    const handle = own(this)
    for (let index = 0, size = handle.length; index < size; index += 1) yield one(handle, index)
  }

  get [Symbol.toStringTag]() {
    return 'Findings'
  }

  [inspect.custom]() {
    const handle = handleOf(this)
    return handle === undefined ? 'Findings {}' : `Findings(${handle.length})${handle.target === '' ? '' : ` of ${inspect(handle.target)}`}`
  }
}

/** The handle of findings; refuses anything else. */
function own(value) {
  const handle = handleOf(value)
  if (handle === undefined) throw invalid('this is no `Findings`')
  return handle
}

const wrapped = (value) => own(value) && value

/** One finding: JSON makes own properties of hostile keys, so nothing of Object's is touched. */
const one = (handle, index) => JSON.parse(call(() => handle.at(index)))

function position(value, what, size) {
  if (typeof value !== 'number' || Number.isNaN(value)) throw invalid(`${what} is no number`)
  const place = Math.trunc(value)
  return place < 0 ? place + size : place
}

/** Where a caller's function says yes. */
function chosen(handle, wanted) {
  const places = []
  for (let index = 0, size = handle.length; index < size; index += 1) {
    const finding = one(handle, index)
    let kept
    try {
      kept = wanted(finding, index)
    } catch (error) {
      throw thrown(error)
    }
    if (kept) places.push(index)
  }
  return Uint32Array.from(places)
}

/** Findings of whatever holds some: themselves, a scan's result, an array of findings, a snapshot. */
function toFindings(value, what = 'the findings') {
  if (handleOf(value) !== undefined) return value
  if (typeof value === 'object' && value !== null) {
    if (handleOf(value.findings) !== undefined) return value.findings
    if (Array.isArray(value) || Array.isArray(value.findings)) return Findings.fromJSON(value)
  }
  throw invalid(`${what} are neither \`Findings\` nor an array of findings nor a snapshot`)
}

/** Their handle. */
const handleFrom = (value, what) => handleOf(toFindings(value, what))

module.exports = { Findings, handleFrom, toFindings, wrap }
