'use strict'

const native = require('./native.js')

/** Anything this package refuses or fails at; `code` is a stable word. */
class SecureScanError extends Error {
  constructor({ code, message, ...place }) {
    super(place.hint === undefined ? message : `${message}; ${place.hint}`)
    this.name = 'SecureScanError'
    this.code = code
    Object.assign(this, place)
  }
}

const invalid = (message) => new SecureScanError({ code: 'invalid_argument', message })

function _call(op, request) {
  if (typeof op !== 'string') throw invalid('`op` is not a string')
  if (typeof request !== 'string') throw invalid('`request` is not a string')
  const { ok, error } = native.call(op, request)
  if (typeof ok === 'string') return ok
  throw new SecureScanError(JSON.parse(error))
}

function ask(op, request) {
  let text
  try {
    text = JSON.stringify(request)
  } catch (error) {
    throw invalid(`the argument is not JSON: ${error.message.split('\n', 1)[0]}`)
  }
  return JSON.parse(_call(op, text))
}

function fingerprint(finding, { scheme = 'v2' } = {}) {
  return ask('fingerprint', { finding, scheme }).fingerprint
}

function normalizedLineContext(snippet, { scheme = 'v2', path = null } = {}) {
  return ask('normalized_line_context', { snippet, scheme, path }).context
}

exports.SecureScanError = SecureScanError
exports._call = _call
exports.fingerprint = fingerprint
exports.normalizedLineContext = normalizedLineContext
exports.version = native.version()
