'use strict'

// The two files users keep: `Baseline` and `Config`.

const native = require('./native.js')
const { entries, json, text } = require('./arguments.js')
const { call, invalid } = require('./errors.js')
const { handleFrom } = require('./findings.js')
const { slurpSync } = require('./input.js')

const KEY = Symbol('policy')

class Baseline {
  #native

  constructor(key, handle) {
    if (key !== KEY) throw invalid('a baseline comes from `Baseline.parse`, `Baseline.read` or `Baseline.fromFindings`')
    this.#native = handle
  }

  static parse(document, options) {
    const { file = 'baseline' } = entries(options, ['file'])
    const bytes = slurpSync(document, 'the baseline')
    return new Baseline(KEY, call(() => native.Baseline.parse(bytes, text(file, '`file`'))))
  }

  static read(path) {
    return new Baseline(KEY, call(() => native.Baseline.read(text(path, 'the path'))))
  }

  static fromFindings(findings, options) {
    const { target_path: target = '.', scan_types: types = [] } = entries(options, ['target_path', 'scan_types'])
    const handle = handleFrom(findings)
    return new Baseline(KEY, call(() => native.Baseline.of(handle, text(target, '`targetPath`'), json(types))))
  }

  static handle(value) {
    return typeof value === 'object' && value !== null && #native in value ? value.#native : undefined
  }

  get length() {
    return own(Baseline, this).length
  }

  get targetPath() {
    return own(Baseline, this).targetPath
  }

  get scanTypes() {
    return JSON.parse(call(() => own(Baseline, this).scanTypes()))
  }

  toString() {
    return call(() => own(Baseline, this).toText())
  }

  toJSON() {
    return JSON.parse(this.toString())
  }
}

class Config {
  #native
  #file

  constructor(key, handle, file) {
    if (key !== KEY) throw invalid('a configuration comes from `Config.parse`, `Config.load` or `Config.discover`')
    this.#native = handle
    this.#file = file
    const values = this.toJSON()
    this.scanTypes = values.scan_types
    this.severityOverrides = values.severity_overrides
    this.ignoredRules = values.ignored_rules
    this.semgrepRules = values.semgrep_rules
    this.failOnSeverity = values.fail_on_severity
    Object.freeze(this)
  }

  static parse(document, options) {
    const { file = '.securescan.yml' } = entries(options, ['file'])
    return new Config(KEY, call(() => native.Config.parse(text(document, 'the configuration'), text(file, '`file`'))), null)
  }

  static load(path) {
    return new Config(KEY, call(() => native.Config.load(text(path, 'the path'))), path)
  }

  static discover(start = '.') {
    const found = call(() => native.Config.discover(text(start, 'the folder')))
    return found ? new Config(KEY, found.config, found.file) : null
  }

  static lint(document, options) {
    const { file = '.securescan.yml' } = entries(options, ['file'])
    return JSON.parse(call(() => native.lint(text(document, 'the configuration'), text(file, '`file`'))))
  }

  static handle(value) {
    return typeof value === 'object' && value !== null && #native in value ? value.#native : undefined
  }

  get file() {
    return this.#file
  }

  toJSON() {
    return JSON.parse(call(() => own(Config, this).toText()))
  }
}

function own(Class, value) {
  const handle = Class.handle(value)
  if (handle === undefined) throw invalid(`this is no \`${Class.name}\``)
  return handle
}

/** The handle of a baseline, or of the text of one; nothing for nothing. */
function baselineFrom(value) {
  if (value === undefined || value === null) return undefined
  return Baseline.handle(value) ?? Baseline.handle(Baseline.parse(value))
}

/** The handle of a configuration, or of the text of one; nothing for nothing. */
function configFrom(value) {
  if (value === undefined || value === null) return undefined
  return Config.handle(value) ?? Config.handle(Config.parse(value, { file: 'config' }))
}

module.exports = { Baseline, Config, baselineFrom, configFrom }
