import securescan from './index.js'

export const { Baseline, Comparison, Config, Diff, Findings, ScanResult, SecureScanError } = securescan
export const { _call, buildInfo, compare, compareSync, complianceTags, coverage, diff, diffSync, fingerprint } = securescan
export const { normalizedLineContext, parse, parseStream, parseSync, process, processSync, render, renderSync, riskScore } = securescan
export const { sbom, sbomSync, scan, scanEvents, status, statusSync, summary, verifyWebhook, version } = securescan
export default securescan
