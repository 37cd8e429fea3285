'use strict'

// Checking arguments, and turning options into the JSON the engine takes.

const { cancelled, invalid } = require('./errors.js')

const SURROGATE = /\p{Surrogate}/u

/** Whether every surrogate has its partner: only then is it the text it says. */
const isWellFormed = (text) => (typeof text.isWellFormed === 'function' ? text.isWellFormed() : !SURROGATE.test(text))

function text(value, what) {
  if (typeof value !== 'string') throw invalid(`${what} is no string`)
  if (!isWellFormed(value)) throw invalid(`${what} holds half a surrogate pair`)
  return value
}

/** `maxBytes` as the engine spells it: `max_bytes`. */
const snake = (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** The entries of an options object, keys as the engine spells them; what is undefined was not given. */
function entries(options, known, what = 'options') {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw invalid(`the ${what} are no object`)
  const given = Object.create(null)
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined) continue
    const name = snake(key)
    if (!known.includes(name)) throw invalid(`unknown key \`${key.slice(0, 60)}\` in the ${what}; known: ${known.join(', ')}`)
    if (name in given) throw invalid(`\`${name}\` is given twice in the ${what}`)
    given[name] = value
  }
  return given
}

/** JSON of plain values; anything JSON would drop or change is refused. */
function json(value, what = 'the options') {
  const check = (key, item) => {
    const kind = typeof item
    if (kind === 'function' || kind === 'symbol' || (kind === 'number' && !Number.isFinite(item))) {
      throw invalid(`\`${key}\` in ${what} is no JSON value`)
    }
    return item
  }
  try {
    const out = JSON.stringify(value, check)
    if (out === undefined) throw invalid(`${what} is no JSON value`)
    return out
  } catch (error) {
    if (error.code === 'invalid_argument') throw error
    throw invalid(`${what} is not JSON: ${`${error?.message ?? error}`.split('\n', 1)[0]}`)
  }
}

function number(value, what, least = 0) {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least) throw invalid(`${what} is no number of at least ${least}`)
  return value
}

function flag(value, what) {
  if (typeof value !== 'boolean') throw invalid(`${what} is neither true nor false`)
  return value
}

function isSignal(value) {
  return typeof value === 'object' && value !== null && typeof value.aborted === 'boolean' && typeof value.addEventListener === 'function'
}

/** Throws when it is no signal, or stopped already. */
function unstopped(signal) {
  if (signal === undefined || signal === null) return undefined
  if (!isSignal(signal)) throw invalid('`signal` is no AbortSignal')
  if (signal.aborted) throw cancelled(signal.reason)
  return signal
}

/** What `start` gives, or the rejection as soon as the signal says stop. Work under way ends unheard. */
function abortable(given, start) {
  const signal = unstopped(given)
  if (signal === undefined) return start()
  return new Promise((resolve, reject) => {
    const stop = () => reject(cancelled(signal.reason))
    signal.addEventListener('abort', stop, { once: true })
    const done = (settle) => (value) => {
      signal.removeEventListener('abort', stop)
      settle(value)
    }
    start().then(done(resolve), done(reject))
  })
}

module.exports = { abortable, entries, flag, isWellFormed, json, number, text, unstopped }
