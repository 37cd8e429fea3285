'use strict'

// securescan for Node: the same engine as everywhere, in Node's habits. `index.d.ts` documents every name.

const native = require('./lib/native.js')
const { SecureScanError } = require('./lib/errors.js')
const { Findings } = require('./lib/findings.js')
const operations = require('./lib/operations.js')
const { Baseline, Config } = require('./lib/policy.js')
const { Comparison, Diff, ScanResult } = require('./lib/results.js')
const { scan, scanEvents } = require('./lib/scan.js')
const { parseStream } = require('./lib/stream.js')

exports.Baseline = Baseline
exports.Comparison = Comparison
exports.Config = Config
exports.Diff = Diff
exports.Findings = Findings
exports.ScanResult = ScanResult
exports.SecureScanError = SecureScanError
exports._call = operations._call
exports.buildInfo = operations.buildInfo
exports.compare = operations.compare
exports.compareSync = operations.compareSync
exports.complianceTags = operations.complianceTags
exports.coverage = operations.coverage
exports.diff = operations.diff
exports.diffSync = operations.diffSync
exports.fingerprint = operations.fingerprint
exports.normalizedLineContext = operations.normalizedLineContext
exports.parse = operations.parse
exports.parseStream = parseStream
exports.parseSync = operations.parseSync
exports.process = operations.process
exports.processSync = operations.processSync
exports.render = operations.render
exports.renderSync = operations.renderSync
exports.riskScore = operations.riskScore
exports.sbom = operations.sbom
exports.sbomSync = operations.sbomSync
exports.scan = scan
exports.scanEvents = scanEvents
exports.status = operations.status
exports.statusSync = operations.statusSync
exports.summary = operations.summary
exports.verifyWebhook = operations.verifyWebhook
exports.version = native.version()
