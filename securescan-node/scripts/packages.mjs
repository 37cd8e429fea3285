// Makes what is published: `packages.mjs <folder> <platform>=<addon>…` writes a package folder for each addon given and packs
// it, and the main package, into <folder>. Without arguments it checks that package.json names every platform.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = join(dirname(fileURLToPath(import.meta.url)), '..')
const read = (file) => JSON.parse(readFileSync(join(home, file), 'utf8'))
const [main, platforms] = [read('package.json'), read('platforms.json')]

const wanted = Object.fromEntries(Object.keys(platforms).sort().map((name) => [`securescan-${name}`, main.version]))
if (JSON.stringify(main.optionalDependencies) !== JSON.stringify(wanted)) {
  console.error('securescan-node/package.json: `optionalDependencies` are not the packages of platforms.json in this version')
  process.exit(1)
}

/** The package of one platform: the addon, and for which machines it is. */
function platformPackage(folder, name, addon) {
  const { os, cpu, libc, rust } = platforms[name] ?? fail(`there is no platform \`${name}\``)
  mkdirSync(folder, { recursive: true })
  copyFileSync(addon, join(folder, 'securescan.node'))
  const manifest = {
    name: `securescan-${name}`,
    version: main.version,
    description: `The addon of securescan for ${rust}`,
    license: main.license,
    repository: main.repository,
    main: 'securescan.node',
    files: ['securescan.node'],
    engines: main.engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  copyFileSync(join(home, '../LICENSE'), join(folder, 'LICENSE'))
  writeFileSync(join(folder, 'README.md'), `# securescan-${name}\n\nThe addon of [securescan](https://www.npmjs.com/package/securescan) for \`${rust}\`. Install \`securescan\`.\n`)
}

/** The main package: what its manifest lists, the guide as its first page, the licence. */
function mainPackage(folder) {
  mkdirSync(folder, { recursive: true })
  for (const file of ['package.json', ...main.files]) cpSync(join(home, file), join(folder, file), { recursive: true })
  copyFileSync(join(home, '../LICENSE'), join(folder, 'LICENSE'))
  copyFileSync(join(home, '../docs/node.md'), join(folder, 'README.md'))
}

function fail(why) {
  console.error(`error: ${why}`)
  process.exit(2)
}

const [into, ...addons] = process.argv.slice(2)
if (into !== undefined) {
  const out = resolve(into)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const pack = (folder) => {
    const [made] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' }))
    console.log(join(out, made.filename))
  }
  for (const addon of addons) {
    const [name, file] = addon.split('=')
    const folder = join(out, 'npm', name)
    platformPackage(folder, name, file)
    pack(folder)
  }
  const folder = join(out, 'npm', 'main')
  mainPackage(folder)
  pack(folder)
}
