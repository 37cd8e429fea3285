'use strict'

// The tables of the engine: which keys its options have.

const tables = JSON.parse(require('./native.js').tables())

module.exports = {
  CONDITIONS: tables.conditions,
  RENDER_OPTIONS: [...tables.render_options, 'base_ref', 'head_ref'],
  SCAN_OPTIONS: tables.scan_options.map(([key]) => key).filter((key) => key !== 'target'),
}
