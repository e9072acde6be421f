/**
 * Runs the conformance suite on `sfpool serve`, and beside it on the Portkey gateway. Only failures of sfpool count for
 * the exit code. `portkey` is the published version, `portkey-streams` gets response headers that may be changed.
 */
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { commandTarget, presentConformance } from '@sfpool/simulator'

const bin = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
const clientKey = 'fake-client-key-of-the-suite'
const adminKey = 'fake-admin-key-of-the-suite'

const sfpool = () =>
  commandTarget({
    name: 'sfpool',
    command: [
      ...[process.execPath, bin, 'serve', '--port', '{port}', '--base-url', '{upstream}'],
      ...['--keys', '{keysFile}', '--store', 'memory:', '--log-level', 'silent'],
      ...['--client-key', clientKey, '--admin-key', adminKey],
      ...['--timeout-connect', '{connectMs}', '--timeout-first-byte', '{firstByteMs}'],
      ...['--timeout-first-output', '{firstOutputMs}', '--timeout-idle', '{idleMs}'],
    ],
    // The keys and settings of the user who runs the suite must not take part.
    env: { PATH: process.env.PATH },
    headers: { authorization: `Bearer ${clientKey}` },
    status: { path: '/admin/api/keys', headers: { authorization: `Bearer ${adminKey}` } },
  })

const portkey = async (options) => (await import('../bench/rivals/portkey-target.mjs')).portkeyTarget(options)

const makers = {
  sfpool,
  portkey: () => portkey({}),
  'portkey-loadbalance': () => portkey({ name: 'portkey-loadbalance', mode: 'loadbalance' }),
  'portkey-streams': () => portkey({ name: 'portkey-streams', hasMutableHeaders: true }),
}
const columns = { all: ['sfpool', 'portkey', 'portkey-streams'] }

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: 'sfpool' },
    only: { type: 'string' },
    list: { type: 'boolean' },
    json: { type: 'boolean' },
    junit: { type: 'string' },
    concurrency: { type: 'string' },
  },
})
const names = columns[values.target] ?? values.target.split(',')
const unknown = names.find((name) => makers[name] === undefined)
if (unknown !== undefined) {
  console.error(`--target takes ${[...Object.keys(makers), 'all'].join(', ')}; received ${unknown}`)
  process.exit(2)
}
const targets = []
for (const name of values.list ? [] : names) targets.push(await makers[name]())
process.exitCode = await presentConformance({
  ...values,
  concurrency: values.concurrency === undefined ? undefined : Number(values.concurrency),
  targets,
  judged: ['sfpool'],
  print: (text) => console.log(text),
  say: (text) => console.error(text),
})
