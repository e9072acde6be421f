/**
 * Serves from a checkout: runs the set-up, then `sfpool serve` with the given arguments. Without any source of keys it
 * serves the demonstration.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

await import('./setup.mjs')

const given = process.argv.slice(2)
const ownKeyFlags = ['--keys', '--store', '--config', '--base-url', '--site', '--demo', '--help', '-h']
const ownKeyVariables = /^(SFPOOL_(KEYS|STORE|CONFIG|DEMO)|SILICONFLOW_API_KEY(_\d+)?)$/
const configNames = ['sfpool.config.json', 'sfpool.config.yaml', 'sfpool.config.yml']

const hasOwnKeys =
  given.some((argument) => ownKeyFlags.includes(argument.split('=')[0])) ||
  Object.keys(process.env).some((name) => ownKeyVariables.test(name) && process.env[name].trim() !== '') ||
  configNames.some((name) => existsSync(name))

const bin = new URL('../packages/cli/dist/bin.js', import.meta.url)
process.argv = [process.argv[0], fileURLToPath(bin), 'serve', ...(hasOwnKeys ? [] : ['--demo']), ...given]
// Runs in this process, so that signals and the exit code need not be passed on.
await import(bin.href)
