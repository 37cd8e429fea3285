'use strict'

// What a scan gives, and what a difference is.

const { call, invalid } = require('./errors.js')
const { wrap } = require('./findings.js')

const KEY = Symbol('results')

/** Keeps the handle of an object that only this package can make. */
class Held {
  #native

  constructor(key, handle) {
    if (key !== KEY) throw invalid(`a \`${new.target.name}\` cannot be made by hand`)
    this.#native = handle
  }

  static handle(value) {
    return typeof value === 'object' && value !== null && #native in value ? value.#native : undefined
  }
}

class ScanResult extends Held {
  constructor(key, handle) {
    super(key, handle)
    const about = JSON.parse(call(() => handle.about()))
    this.findings = wrap(call(() => handle.findings()))
    this.suppressed = about.suppressed
    this.overridden = about.overridden
    this.notices = about.notices
    this.configFile = about.config_file
    this.root = about.root
    this.complete = about.complete
    Object.freeze(this)
  }

  get target() {
    return this.findings.target
  }

  get scanners() {
    return this.findings.scanners
  }

  toJSON() {
    return JSON.parse(call(() => own(this).toJson()))
  }
}

/** The lists of a difference under the names of its kind. */
class Difference extends Held {
  get new() {
    return list(this, 'added')
  }

  get notScanned() {
    return list(this, 'notScanned')
  }

  get raised() {
    return JSON.parse(call(() => own(this).raised())).map(([fingerprint, severity]) => ({ fingerprint, severity }))
  }
}

class Diff extends Difference {
  get fixed() {
    return list(this, 'gone')
  }

  get unchanged() {
    return list(this, 'kept')
  }

  toJSON() {
    return { new: this.new.toJSON(), fixed: this.fixed.toJSON(), unchanged: this.unchanged.toJSON(), not_scanned: this.notScanned.toJSON() }
  }
}

class Comparison extends Difference {
  get disappeared() {
    return list(this, 'gone')
  }

  get stillPresent() {
    return list(this, 'kept')
  }

  toJSON() {
    return {
      new: this.new.toJSON(),
      disappeared: this.disappeared.toJSON(),
      still_present: this.stillPresent.toJSON(),
      not_scanned: this.notScanned.toJSON(),
    }
  }
}

function own(value) {
  const handle = Held.handle(value)
  if (handle === undefined) throw invalid('this was not made by this package')
  return handle
}

const list = (value, name) => wrap(call(() => own(value)[name]()))

/** The handle of a difference, or nothing. */
const differenceOf = (value) => (value instanceof Difference ? Held.handle(value) : undefined)

const made = (Class) => (handle) => new Class(KEY, handle)

module.exports = {
  ScanResult,
  Diff,
  Comparison,
  differenceOf,
  asScanResult: made(ScanResult),
  asDiff: made(Diff),
  asComparison: made(Comparison),
}
