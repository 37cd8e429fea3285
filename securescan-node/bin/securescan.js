#!/usr/bin/env node
'use strict'

// The command line, in this process: the very same as the program `securescan`.

let native
try {
  native = require('../lib/native.js')
} catch (error) {
  console.error(`error: ${error.message}`)
  process.exit(2)
}
process.exit(native.runCli(process.argv.slice(2)))
