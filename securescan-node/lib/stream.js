'use strict'

// Reports that come in pieces. At most a few MiB wait between the source and the reader, whatever the size of the report.

const { types } = require('node:util')
const native = require('./native.js')
const { abortable, entries, json } = require('./arguments.js')
const { SecureScanError, call, invalid } = require('./errors.js')
const { wrap } = require('./findings.js')
const { copy, isInput, length } = require('./input.js')

const READING = ['tool', 'root', 'max_bytes', 'max_findings', 'signal']
/** The source waits while more bytes than this do. */
const HIGH_WATER = 1 << 20

async function parseStream(source, options) {
  const { signal, ...reading } = entries(options, READING)
  if (isInput(source) || (typeof source?.[Symbol.asyncIterator] !== 'function' && typeof source?.[Symbol.iterator] !== 'function')) {
    throw invalid('the source is no stream and no iterable of pieces; for a whole report there is `parse`')
  }
  const flow = new Flow(json(reading))
  try {
    return await abortable(signal, () => {
      flow.feed(source)
      return flow.outcome
    })
  } finally {
    flow.stop()
    // A source that nobody reads any more must not stay open.
    source.destroy?.()
  }
}

/** One report on its way into the addon. */
class Flow {
  #reader
  #waiting = 0
  #wake
  #over = false
  #settle
  #half = ''

  constructor(options) {
    this.outcome = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    this.outcome.catch(() => {})
    this.#reader = call(() => new native.ReportStream(options, (...message) => this.#hear(...message)))
  }

  #hear(kind, taken, message, findings) {
    if (kind === 'taken') this.#waiting -= taken
    else if (kind === 'error') this.#settle.reject(new SecureScanError(JSON.parse(message)))
    else {
      findings.weigh()
      this.#settle.resolve(wrap(findings))
    }
    if (kind !== 'taken') this.#over = true
    this.#wake?.()
  }

  /** Ends the reading, whatever is still to come. */
  stop() {
    this.#over = true
    this.#reader.fail()
    this.#wake?.()
  }

  /** Reads the source to its end. What goes wrong there is the outcome. */
  async feed(source) {
    try {
      for await (const piece of source) {
        if (this.#over) return
        await this.#push(typeof piece === 'string' ? this.#whole(piece) : this.#between(piece))
        if (this.#over) return
      }
      if (this.#half !== '') throw invalid('the stream ends in half a surrogate pair')
      this.#reader.end()
    } catch (error) {
      if (this.#over) return
      const kept = error instanceof SecureScanError
      const message = `the stream failed: ${`${error?.message ?? error}`.split('\n', 1)[0]}`
      this.#settle.reject(kept ? error : new SecureScanError({ code: 'io', message, cause: error }))
      this.stop()
    }
  }

  /** A piece of text may end in the middle of a character. */
  #whole(piece) {
    const all = this.#half + piece
    const last = all.charCodeAt(all.length - 1)
    this.#half = last >= 0xd800 && last < 0xdc00 ? all.slice(-1) : ''
    return this.#half === '' ? all : all.slice(0, -1)
  }

  #between(piece) {
    if (!types.isUint8Array(piece)) throw invalid('a piece of the stream is neither a string nor a Buffer or Uint8Array')
    if (this.#half !== '') throw invalid('the stream holds half a surrogate pair')
    return piece
  }

  async #push(piece) {
    const size = length(piece, 'a piece of the stream')
    const into = {
      push: (bytes) => {
        this.#waiting += bytes.length
        this.#reader.push(bytes)
      },
      pushText: (text) => {
        this.#waiting += Buffer.byteLength(text)
        this.#reader.pushText(text)
      },
    }
    for (let at = 0; at < size; ) {
      at = call(() => copy(piece, at, into, 'a piece of the stream'))
      while (this.#waiting > HIGH_WATER && !this.#over) {
        await new Promise((resolve) => {
          this.#wake = resolve
        })
      }
      if (this.#over) return
    }
  }
}

module.exports = { parseStream }
