/** Prepares a checkout to run `sfpool serve`, with less than its tests need. It does only what is stale. */
import './require-node.mjs'
import { existsSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { buildPackages } from './build-packages.mjs'
import { lockedHash, readStamp, root, sourcesHash, writeStamp } from './stamps.mjs'
import { writeStartWorkspace } from './start-workspace.mjs'
import { npm, step } from './steps.mjs'

const folder = join(root, 'tmp', 'start')
const stampFile = join(folder, 'stamp.json')
const binBelow = (workspace) => join(workspace, 'packages', 'cli', 'dist', 'bin.js')

/** Returns the built command. Where everything is installed for the tests, there is nothing to install. */
export async function setUpStart() {
  const locked = lockedHash()
  if (readStamp(join(root, 'node_modules', '.sfpool-setup.json')).locked === locked) {
    await import('../setup.mjs')
    return binBelow(root)
  }
  const done = readStamp(stampFile)
  if (done.locked !== locked) {
    rmSync(folder, { recursive: true, force: true })
    const count = writeStartWorkspace(root, folder)
    await step(`Installing ${count} packages`, () =>
      npm(['ci', '--no-audit', '--no-fund', '--ignore-scripts'], folder),
    )
    writeStamp(stampFile, { locked })
  }
  const built = sourcesHash()
  if (done.built !== built || done.locked !== locked || !existsSync(binBelow(folder))) {
    const esbuild = createRequire(join(folder, 'package.json'))('esbuild')
    await step('Building', () => buildPackages(esbuild, { root, into: folder }))
    // Its own process would stay as long as the server that runs in this one.
    await esbuild.stop()
    writeStamp(stampFile, { locked, built })
  }
  return binBelow(folder)
}
