/**
 * Prepares a checkout to run and to test: installs the locked dependencies and builds the packages. It does only what is
 * stale, so every command may begin with it. It needs only Node and npm.
 */
import './setup/require-node.mjs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lockedHash, readStamp, root, sourcesHash, writeStamp } from './setup/stamps.mjs'
import { npm, step } from './setup/steps.mjs'

const stampFile = join(root, 'node_modules', '.sfpool-setup.json')
const done = readStamp(stampFile)

const locked = lockedHash()
if (done.locked !== locked) {
  await step('Installing dependencies', () => npm(['ci', '--no-audit', '--no-fund'], root))
  writeStamp(stampFile, { locked })
}

const built = sourcesHash()
if (done.built !== built || !existsSync(join(root, 'packages', 'cli', 'dist', 'bin.js'))) {
  await step('Building packages', () => npm(['run', '--silent', 'build'], root))
  writeStamp(stampFile, { locked, built })
}
