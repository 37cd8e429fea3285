'use strict'

// Bytes and text on their way in. Everything is copied before another thread looks at it, in pieces when it is large, so that
// the event loop goes on; what is written into a large buffer during the call may or may not be seen, and is never unsafe.

const { types } = require('node:util')
const native = require('./native.js')
const { isWellFormed } = require('./arguments.js')
const { call, invalid } = require('./errors.js')

/** Copied at once up to this size: bytes, or UTF-16 units. About a millisecond. */
const PIECE = 1 << 20

// The real ones, whatever a subclass says.
const prototype = Object.getPrototypeOf(Uint8Array.prototype)
const [byteLength, byteOffset, buffer] = ['byteLength', 'byteOffset', 'buffer'].map((name) => Object.getOwnPropertyDescriptor(prototype, name).get)

const isInput = (value) => typeof value === 'string' || types.isUint8Array(value)

function isDetached(view) {
  if (byteLength.call(view) > 0) return false
  try {
    return new Uint8Array(buffer.call(view)) === undefined
  } catch {
    return true
  }
}

/** How long an input is; refuses what is none. */
function length(value, what) {
  if (typeof value === 'string') return value.length
  if (!types.isUint8Array(value)) throw invalid(`${what} is neither a string nor a Buffer or Uint8Array`)
  if (isDetached(value)) throw invalid(`the buffer of ${what} is detached`)
  return byteLength.call(value)
}

/** Hands a piece to the addon; gives where the next begins. */
function copy(value, start, into, what) {
  if (typeof value === 'string') return copyText(value, start, into, what)
  const size = byteLength.call(value)
  if (size < start || (start > 0 && size === 0)) throw invalid(`the buffer of ${what} was detached during the call`)
  const end = Math.min(start + PIECE, size)
  const memory = buffer.call(value)
  const view = new Uint8Array(memory, byteOffset.call(value) + start, end - start)
  into.push(types.isSharedArrayBuffer(memory) ? view.slice() : view)
  return end
}

function copyText(value, start, into, what) {
  let end = Math.min(start + PIECE, value.length)
  const last = value.charCodeAt(end - 1)
  if (end < value.length && last >= 0xd800 && last < 0xdc00) end += 1
  const piece = value.slice(start, end)
  if (!isWellFormed(piece)) throw invalid(`${what} holds half a surrogate pair`)
  into.pushText(piece)
  return end
}

/** The input as bytes of the addon, at once. */
function slurpSync(value, what) {
  const size = length(value, what)
  return call(() => {
    const bytes = new native.Bytes(size)
    for (let at = 0; at < size; ) at = copy(value, at, bytes, what)
    return bytes
  })
}

/** The input as bytes of the addon, with pauses. */
async function slurp(value, what) {
  const size = length(value, what)
  if (size <= PIECE) return slurpSync(value, what)
  const bytes = call(() => new native.Bytes(size))
  for (let at = 0; at < size; ) {
    at = call(() => copy(value, at, bytes, what))
    await new Promise(setImmediate)
  }
  return bytes
}

/** Bytes of the addon as text, with pauses. */
async function decode(bytes) {
  if (bytes.length <= PIECE) return bytes.toString('utf8')
  let out = ''
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + PIECE, bytes.length)
    while (end < bytes.length && (bytes[end] & 0xc0) === 0x80) end -= 1
    out += bytes.toString('utf8', start, end)
    start = end
    await new Promise(setImmediate)
  }
  return out
}

/** Texts by path, as files of the addon. */
function files(given, what) {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || isInput(given)) throw invalid(`${what} is no object of texts by path`)
  const out = new native.Files()
  for (const [path, content] of Object.entries(given)) {
    const bytes = slurpSync(content, `\`${path.slice(0, 60)}\` in ${what}`)
    call(() => out.put(path, bytes))
  }
  return out
}

module.exports = { PIECE, copy, decode, files, isInput, length, slurp, slurpSync }
