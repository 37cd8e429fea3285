'use strict'

// The one error of this package, and how other people's become it.

const PLACE = ['file', 'line', 'column', 'byte', 'hint']

/** Anything this package refuses or fails at; `code` is a stable word. */
class SecureScanError extends Error {
  constructor({ code, message, cause, ...place }) {
    super(place.hint === undefined ? message : `${message}; ${place.hint}`, cause === undefined ? undefined : { cause })
    this.code = code
    for (const name of PLACE) if (place[name] !== undefined) this[name] = place[name]
  }
}
Object.defineProperty(SecureScanError.prototype, 'name', { value: 'SecureScanError', writable: true, configurable: true })

const invalid = (message) => new SecureScanError({ code: 'invalid_argument', message })

/** Why something was stopped by a signal: its name lets the usual test for aborted work succeed. */
function cancelled(reason, message = 'the operation was cancelled') {
  const error = new SecureScanError({ code: 'cancelled', message, cause: reason })
  Object.defineProperty(error, 'name', { value: 'AbortError', writable: true, configurable: true })
  return error
}

/** What a caller's own function threw: the very same, with a code when it has none. */
function thrown(error) {
  if (!(error instanceof Error)) return new SecureScanError({ code: 'cancelled', message: 'a callback threw something that is no error', cause: error })
  if (error.code === undefined && Object.isExtensible(error)) {
    Object.defineProperty(error, 'code', { value: 'cancelled', writable: true, configurable: true })
  }
  return error
}

/** An error of the addon: JSON of ours in its message, or a complaint of the binding about an argument. */
function told(error) {
  if (error instanceof SecureScanError) return error
  const message = `${error?.message ?? error}`
  if (message.startsWith('{"')) return new SecureScanError(JSON.parse(message))
  if (error?.code === 'ERR_STRING_TOO_LONG') {
    return new SecureScanError({ code: 'limit', message: 'the text is longer than a string can be', hint: "ask for it with `encoding: 'buffer'`", cause: error })
  }
  const code = /^(InvalidArg|\w+Expected)$/.test(error?.code) ? 'invalid_argument' : 'internal'
  return new SecureScanError({ code, message: message.split('\n', 1)[0], cause: error })
}

/** Calls the addon. */
function call(run) {
  try {
    return run()
  } catch (error) {
    throw told(error)
  }
}

/** Calls the addon and waits for it. */
async function wait(run) {
  try {
    return await run()
  } catch (error) {
    throw told(error)
  }
}

module.exports = { SecureScanError, call, cancelled, invalid, thrown, told, wait }
