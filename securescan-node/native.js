'use strict'

// Finds the addon built for this platform: beside this file, or in the package of the platform.

function platform() {
  const { platform, arch } = process
  if (platform !== 'linux') return `${platform}-${arch}`
  const report = process.report?.getReport?.()
  return `${platform}-${arch}-${report?.header?.glibcVersionRuntime ? 'gnu' : 'musl'}`
}

function load() {
  const name = platform()
  const tried = []
  for (const request of [`./securescan.${name}.node`, `securescan-${name}`]) {
    try {
      return require(request)
    } catch (error) {
      // A file that is there but does not load is the user's real problem: say so instead of "not found".
      if (error.code !== 'MODULE_NOT_FOUND') throw error
      tried.push(request)
    }
  }
  const error = new Error(`securescan has no addon for ${name} here (tried ${tried.join(', ')}); install \`securescan-${name}\``)
  error.code = 'unsupported'
  throw error
}

module.exports = load()
