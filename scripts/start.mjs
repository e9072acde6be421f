/**
 * Serves from a checkout: installs and builds what that needs, then runs `sfpool serve` with the given arguments.
 * Without any source of keys it serves the demonstration.
 */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { setUpStart } from './setup/set-up-start.mjs'

const bin = await setUpStart()

const given = process.argv.slice(2)
const ownKeyFlags = ['--keys', '--store', '--config', '--base-url', '--site', '--demo', '--help', '-h']
const ownKeyVariables = /^(SFPOOL_(KEYS|STORE|CONFIG|DEMO)|SILICONFLOW_API_KEY(_\d+)?)$/
const configNames = ['sfpool.config.json', 'sfpool.config.yaml', 'sfpool.config.yml']

const hasOwnKeys =
  given.some((argument) => ownKeyFlags.includes(argument.split('=')[0])) ||
  Object.keys(process.env).some((name) => ownKeyVariables.test(name) && process.env[name].trim() !== '') ||
  configNames.some((name) => existsSync(name))

process.argv = [process.argv[0], bin, 'serve', ...(hasOwnKeys ? [] : ['--demo']), ...given]
// Runs in this process, so that signals and the exit code need not be passed on.
await import(pathToFileURL(bin).href)
