/**
 * Serves from a checkout: installs and builds what that needs, then runs `sfpool serve` with the given arguments.
 * Without any source of keys it serves the demonstration.
 */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { serveArguments } from './setup/serve-arguments.mjs'
import { setUpStart } from './setup/set-up-start.mjs'

const bin = await setUpStart()

process.argv = [
  process.argv[0],
  bin,
  'serve',
  ...serveArguments(process.argv.slice(2), process.env, existsSync),
]
// Runs in this process, so that signals and the exit code need not be passed on.
await import(pathToFileURL(bin).href)
