// Projects that use the package: a folder with `node_modules` in it.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageFolder, root } from './support.mjs'

/** Where the checks put packages from npm, if they could be had. */
export const tools = process.env.SECURESCAN_NODE_TOOLS ?? join(root, 'target/node/tools/node_modules')

/** An empty project. */
export class Project {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'securescan-'))
    writeFileSync(join(this.folder, 'package.json'), '{"name":"project","private":true}\n')
  }

  path(...names) {
    return join(this.folder, ...names)
  }

  write(name, content) {
    writeFileSync(this.path(name), content)
    return name
  }

  /** The package as it stands here. */
  link(name = 'securescan', to = packageFolder) {
    mkdirSync(this.path('node_modules'), { recursive: true })
    symlinkSync(to, this.path('node_modules', name), 'junction')
  }

  /** Other people's packages; false when they are not here. */
  linkTools() {
    if (!existsSync(join(tools, 'express'))) return false
    cpSync(tools, this.path('node_modules'), { recursive: true, verbatimSymlinks: true })
    return true
  }

  node(...args) {
    const last = typeof args.at(-1) === 'object' ? args.pop() : {}
    return spawnSync(process.execPath, args, { cwd: this.folder, encoding: 'utf8', ...last })
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Whether there is an npm, and why not. */
export function missingNpm() {
  try {
    execFileSync('npm', ['--version'], { stdio: 'ignore', shell: process.platform === 'win32' })
    return undefined
  } catch {
    return 'npm is not installed'
  }
}

/** The snippet of the README, as printed. */
export function snippet() {
  const [, text] = readFileSync(join(root, 'README.md'), 'utf8').match(/```js\n(.*?)```/s)
  return text
}
