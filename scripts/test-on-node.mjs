/**
 * Runs tests under other releases of Node than the installed one: `npm run test:nodes`, or
 * `npm run test:nodes -- 24 packages/core` for one release and other tests. The binaries come from npm, into `tmp/`.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const supported = ['22', '24']
/** Tests of what differs between releases of Node: sockets, streams, `fetch`, native database code, mounted servers. */
const selection = ['transport', 'relay', 'sse', 'store']
  .map((room) => `packages/core/src/${room}/`)
  .concat('packages/gateway/', 'packages/server-adapters/')

const given = process.argv.slice(2)
const isRelease = (argument) => /^\d+$/.test(argument)
const releases = given.some(isRelease) ? given.filter(isRelease) : supported
const tests = given.every(isRelease) ? selection : given.filter((argument) => !isRelease(argument))
const failed = []

for (const release of releases) {
  const binary = binaryOf(release)
  const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
  console.log(`\n— Node ${version}: ${tests.join(' ')}`)
  // Names a reporter, because CI reads its counts from the run of the whole suite.
  const options = ['run', '--reporter=dot', '--typecheck.enabled=false', '--maxWorkers=2']
  const { status } = spawnSync(binary, [join(root, 'node_modules/vitest/vitest.mjs'), ...options, ...tests], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: dirname(binary) + delimiter + process.env.PATH },
  })
  if (status !== 0) failed.push(version)
}
console.log(
  failed.length === 0 ? `\nPassed on Node ${releases.join(', ')}.` : `\nFailed on Node ${failed.join(', ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1

/** Returns the path of that release's newest binary, and installs it when it is missing. */
function binaryOf(release) {
  const name = packageName()
  const folder = join(root, 'tmp', 'nodes', release)
  const binary = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(binary)) install(`${name}@${release}`, folder)
  return binary
}

/** Names the package that contains the binary. Unlike the package `node`, it needs no install script. */
function packageName() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
  return `${prefix}-${platform}-${process.arch}`
}

function install(specifier, folder) {
  console.log(`Installing ${specifier}…`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const options = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  const { status, stderr, error } = spawnSync('npm', ['install', ...options, specifier], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status === 0) return
  console.error(`Node is not to be had: npm install ${specifier} failed.\n${error ?? stderr}`)
  process.exit(1)
}
