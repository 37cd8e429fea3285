'use strict'

// Finds the addon built for this platform: beside this package's own files (a checkout), or in the package of the platform.

/** Platforms there is a package for; `scripts/platforms.mjs` makes the packages from the same list. */
const PLATFORMS = require('../platforms.json')

function platform() {
  const { platform, arch } = process
  if (platform !== 'linux') return `${platform}-${arch}`
  const report = process.report?.getReport?.()
  return `${platform}-${arch}-${report?.header?.glibcVersionRuntime ? 'gnu' : 'musl'}`
}

function refused(message, cause) {
  const error = new Error(message, { cause })
  error.name = 'SecureScanError'
  error.code = 'unsupported'
  return error
}

function load() {
  const name = platform()
  const wanted = `securescan-${name}`
  for (const request of [`../securescan.${name}.node`, wanted]) {
    try {
      return require(request)
    } catch (error) {
      // A file that is there but does not load is the user's real problem: say so instead of "not found".
      if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes(request)) {
        throw refused(`the addon of securescan for ${name} does not load: ${error.message.split('\n', 1)[0]}`, error)
      }
    }
  }
  if (!Object.hasOwn(PLATFORMS, name)) {
    throw refused(`securescan has no package for ${name}; there are: ${Object.keys(PLATFORMS).join(', ')}`)
  }
  throw refused(
    `the package \`${wanted}\` is missing, which holds the addon of securescan for ${name}; ` +
      `install it with \`npm install ${wanted}@${require('../package.json').version}\`, and do not leave out optional dependencies`,
  )
}

module.exports = load()
