/** Whether each published package is what its manifest says: publint, are-the-types-wrong, and a real install. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = readdirSync(join(root, 'packages')).filter((name) => !manifest(name).private)
let failures = 0

for (const name of packages) {
  const folder = join('packages', name)
  gate(`publint ${name}`, 'npx', ['publint', '--strict', folder])
  // ESM only, which Node 20.19 and newer can also require(): the two findings about that are by design.
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
installTogether()
process.exitCode = failures === 0 ? 0 : 1

/** Packs everything and installs it in an empty folder, as a user would, with install scripts refused. */
function installTogether() {
  const folder = mkdtempSync(join(tmpdir(), 'sfpool-pack-'))
  try {
    const tarballs = packages.map((name) => pack(name, folder))
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs], {
      cwd: folder,
      stdio: 'pipe',
    })
    const esm = "import { KeyPool } from '@sfpool/core'; new KeyPool(); process.stdout.write('esm')"
    const cjs = "const { KeyPool } = require('@sfpool/core'); new KeyPool(); process.stdout.write('cjs')"
    expectOutput('import', ['--input-type=module', '-e', esm], 'esm', folder)
    expectOutput('require', ['--input-type=commonjs', '-e', cjs], 'cjs', folder)
    expectOutput(
      'sfpool --version',
      ['node_modules/sfpool/dist/bin.js', '--version'],
      manifest('cli').version,
      folder,
    )
  } catch (error) {
    fail(`installing the packed packages: ${error.stderr?.toString().trim() || error.message}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function pack(name, folder) {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(root, 'packages', name),
    stdio: 'pipe',
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
