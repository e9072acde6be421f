/** Checks that each published package agrees with its manifest: publint, are-the-types-wrong, and a real install. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = readdirSync(join(root, 'packages')).filter((name) => !manifest(name).private)
/** Opens a key store and prints the result, or the reason of the failure. */
const openStore = `import { sqliteStore } from '@sfpool/core/sqlite'
  await sqliteStore({ path: 'keys.db' }).then((store) => store.close()).then(
    () => process.stdout.write('opened'),
    (error) => process.stdout.write(error.code + ': ' + error.message))`
let failures = 0

for (const name of packages) {
  const folder = join('packages', name)
  gate(`publint ${name}`, 'npx', ['publint', '--strict', folder])
  // The packages are ESM only, which Node 20.19 and newer can also require(). The two findings about that are intended.
  if (name !== 'cli')
    gate(`types ${name}`, 'npx', ['attw', '--pack', folder, '--profile', 'esm-only', '--quiet'])
  for (const missing of declaredFiles(name).filter((file) => !existsSync(join(root, folder, file)))) {
    fail(`${name} declares ${missing}, which the build does not make`)
  }
  for (const [dependency, range] of Object.entries(manifest(name).dependencies ?? {})) {
    if (hasInstallScript(dependency))
      fail(`${name} depends on ${dependency}@${range}, which has an install script`)
  }
}
const folder = mkdtempSync(join(tmpdir(), 'sfpool-pack-'))
try {
  const tarballs = Object.fromEntries(packages.map((name) => [name, pack(name, folder)]))
  installTogether(tarballs, emptyProject(join(folder, 'together')))
  installCoreAlone(tarballs, emptyProject(join(folder, 'core-alone')))
} catch (error) {
  fail(`installing the packed packages: ${error.stderr?.toString().trim() || error.message}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = failures === 0 ? 0 : 1

/** Installs every package in one project, as a user of the CLI would. */
function installTogether(tarballs, project) {
  install(Object.values(tarballs), project)
  const esm = "import { KeyPool } from '@sfpool/core'; new KeyPool(); process.stdout.write('esm')"
  const cjs = "const { KeyPool } = require('@sfpool/core'); new KeyPool(); process.stdout.write('cjs')"
  expectOutput('import', ['--input-type=module', '-e', esm], 'esm', project)
  expectOutput('require', ['--input-type=commonjs', '-e', cjs], 'cjs', project)
  expectOutput('sqlite store', ['--input-type=module', '-e', openStore], 'opened', project)
  const bin = 'node_modules/sfpool/dist/bin.js'
  expectOutput('sfpool --version', [bin, '--version'], manifest('cli').version, project)
}

/** Installs core alone. A pool in memory must work without the 20 MB of SQLite, and a store must name what it needs. */
function installCoreAlone(tarballs, project) {
  install([tarballs.core], project)
  if (existsSync(join(project, 'node_modules', '@libsql'))) fail('core alone: installs @libsql')
  else console.log('ok   core alone: installs no @libsql')
  const pool = "import { KeyPool } from '@sfpool/core'; new KeyPool(); process.stdout.write('pool')"
  expectOutput('KeyPool of core alone', ['--input-type=module', '-e', pool], 'pool', project)
  const remedy = 'the package @libsql/client is not installed; run npm install @libsql/client'
  const message = `store_failed: could not open the key store ${join(realpathSync(project), 'keys.db')}: ${remedy}`
  expectOutput('sqlite store of core alone', ['--input-type=module', '-e', openStore], message, project)
  if (existsSync(join(project, 'keys.db'))) fail('core alone: left an empty keys.db')
}

/** Installs without install scripts, because no package may need one. */
function install(tarballs, project) {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync('npm', ['install', ...options, ...tarballs], {
    cwd: project,
    stdio: 'pipe',
    shell: process.platform === 'win32',
  })
}

function emptyProject(project) {
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}')
  return project
}

function pack(name, folder) {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'packages', name),
    stdio: 'pipe',
    shell: process.platform === 'win32',
  })
  return join(folder, JSON.parse(output)[0].filename)
}

function expectOutput(what, args, expected, cwd) {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  if (status === 0 && stdout.trim() === expected) console.log(`ok   installed: ${what}`)
  else fail(`installed: ${what}: expected ${expected}, got ${stdout}${stderr}`)
}

function gate(what, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (status === 0) console.log(`ok   ${what}`)
  else fail(`${what}\n${stdout}${stderr}`)
}

function fail(what) {
  failures++
  console.error(`FAIL ${what}`)
}

function declaredFiles(name) {
  const { exports = {}, bin = {} } = manifest(name)
  return [
    ...Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? target : Object.values(target),
    ),
    ...Object.values(bin),
  ]
}

function manifest(name) {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'))
}

function hasInstallScript(dependency) {
  const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(locked).some(
    ([path, entry]) => path.endsWith(`node_modules/${dependency}`) && entry.hasInstallScript,
  )
}
