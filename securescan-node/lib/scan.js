'use strict'

// Scanning: as a promise, and as a stream of events.

const native = require('./native.js')
const { entries, json, text, unstopped } = require('./arguments.js')
const { SecureScanError, call, cancelled, invalid, thrown } = require('./errors.js')
const { Baseline, Config } = require('./policy.js')
const { asScanResult } = require('./results.js')
const { SCAN_OPTIONS } = require('./tables.js')

const OPTIONS = [...SCAN_OPTIONS, 'signal', 'on_event']

/** Starts a scan. `hear` is told each event; `cancel` stops it, and then `done` rejects with the reason given. */
function launch(target, given, hear) {
  const { config, baseline, ...plain } = given
  const [configHandle, baselineHandle] = [Config.handle(config), Baseline.handle(baseline)]
  if (configHandle && (plain.config_file !== undefined || plain.no_config === true)) {
    throw invalid('`config`, `config_file` and `no_config` exclude each other')
  }
  if (baselineHandle && plain.baseline_file !== undefined) throw invalid('`baseline` and `baseline_file` exclude each other')
  const told = json({
    ...plain,
    target: text(target, 'the target'),
    config: configHandle ? undefined : config,
    baseline: baselineHandle ? undefined : baseline,
  })
  let running
  let stopped
  const cancel = (reason) => {
    stopped ??= { reason }
    running?.cancel()
  }
  const done = new Promise((resolve, reject) => {
    // Nothing may be thrown in here: it would come out of nowhere.
    const callback = (kind, message, result) => {
      if (kind === 'event') {
        if (stopped === undefined) tell(hear, JSON.parse(message), cancel)
      } else if (stopped !== undefined) {
        reject(stopped.reason)
      } else if (kind === 'error') {
        reject(new SecureScanError(JSON.parse(message)))
      } else {
        settle(() => asScanResult(result), resolve, reject)
      }
    }
    running = call(() => native.scan(told, configHandle, baselineHandle, callback))
  })
  return { done, cancel }
}

function settle(make, resolve, reject) {
  try {
    resolve(make())
  } catch (error) {
    reject(error)
  }
}

/** Hands an event to the caller's function; what that throws, now or later, stops the scan. */
function tell(hear, event, cancel) {
  try {
    const answer = hear?.(event)
    if (typeof answer?.then === 'function') answer.then(undefined, (error) => cancel(thrown(error)))
  } catch (error) {
    cancel(thrown(error))
  }
}

async function scan(target, options) {
  const { signal: given, on_event: hear, ...rest } = entries(options, OPTIONS)
  if (hear !== undefined && hear !== null && typeof hear !== 'function') throw invalid('`onEvent` is no function')
  const signal = unstopped(given)
  const { done, cancel } = launch(target, rest, hear)
  const stop = () => cancel(cancelled(signal.reason, 'the scan was cancelled'))
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await done
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** The events of a scan, as they happen; leaving the loop cancels it. */
class ScanEvents {
  #queue = []
  #waiting = []
  #ended = false
  #failure
  #cancel
  #result

  constructor(target, options) {
    const { on_event: hear, signal: given, ...rest } = entries(options, OPTIONS)
    if (hear !== undefined && hear !== null) throw invalid('the events come from the loop; `onEvent` is for `scan`')
    const signal = unstopped(given)
    const { done, cancel } = launch(target, rest, (event) => this.#push(event))
    const stop = () => cancel(cancelled(signal.reason, 'the scan was cancelled'))
    signal?.addEventListener('abort', stop, { once: true })
    this.#cancel = cancel
    this.#result = done.finally(() => signal?.removeEventListener('abort', stop))
    // Who looks at the events only must not be told twice.
    this.#result.then(
      () => this.#end(),
      (error) => this.#end({ error }),
    )
  }

  /** The result of the scan. */
  get result() {
    return this.#result
  }

  #push(event) {
    const waiting = this.#waiting.shift()
    if (waiting) waiting.resolve({ value: event, done: false })
    else this.#queue.push(event)
  }

  #end(failure) {
    this.#ended = true
    for (const waiting of this.#waiting.splice(0)) {
      if (failure) {
        waiting.reject(failure.error)
        failure = undefined
      } else waiting.resolve({ value: undefined, done: true })
    }
    this.#failure = failure
  }

  async next() {
    if (this.#queue.length > 0) return { value: this.#queue.shift(), done: false }
    if (this.#failure) {
      const { error } = this.#failure
      this.#failure = undefined
      throw error
    }
    if (this.#ended) return { value: undefined, done: true }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  async return(value) {
    this.#cancel(cancelled(undefined, 'the scan was cancelled'))
    await this.#result.catch(() => {})
    this.#queue.length = 0
    this.#failure = undefined
    return { value, done: true }
  }

  async throw(error) {
    await this.return()
    throw error
  }

  [Symbol.asyncIterator]() {
    return this
  }
}

const scanEvents = (target, options) => new ScanEvents(target, options)

module.exports = { scan, scanEvents }
