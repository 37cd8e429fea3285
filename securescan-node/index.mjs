import securescan from './index.js'

export const { SecureScanError, _call, fingerprint, normalizedLineContext, version } = securescan
export default securescan
