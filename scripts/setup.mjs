/**
 * Prepares a checkout to run: installs the locked dependencies and builds the packages. It does only what is stale, so
 * every command may begin with it. It needs only Node and npm.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stampFile = join(root, 'node_modules', '.sfpool-setup.json')

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`sfpool needs Node 20.19 or newer; this is ${process.versions.node}`)
  process.exit(2)
}

const done = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {}

const locked = hashOf([join(root, 'package-lock.json')])
if (done.locked !== locked) {
  step('Installing dependencies', ['ci', '--no-audit', '--no-fund'])
  stamp({ locked })
}

const configs = ['tsup.config.ts', 'tsconfig.base.json', 'tsconfig.build.json'].map((name) =>
  join(root, name),
)
const built = hashOf([...sources('packages'), ...configs])
if (done.built !== built || !existsSync(join(root, 'packages', 'cli', 'dist', 'bin.js'))) {
  step('Building packages', ['run', '--silent', 'build'])
  stamp({ locked, built })
}

function step(what, npmArguments) {
  console.error(`${what}…`)
  try {
    // Goes to stderr, because the output of the command that follows may be data.
    execFileSync('npm', npmArguments, {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    })
  } catch (error) {
    console.error(`${what} failed: npm ${npmArguments.join(' ')}`)
    process.exit(error.status ?? 1)
  }
}

function stamp(state) {
  mkdirSync(join(root, 'node_modules'), { recursive: true })
  writeFileSync(stampFile, JSON.stringify(state))
}

/** Lists everything that becomes part of a build: sources and manifests, without tests. */
function sources(folder) {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  return files
    .filter(
      (file) =>
        !/[\\/](dist|node_modules)[\\/]/.test(file) && /(\.ts|package\.json|tsconfig\.json)$/.test(file),
    )
    .filter((file) => !/\.test(-d)?\.ts$/.test(file))
    .sort()
}

function hashOf(files) {
  const hash = createHash('sha256')
  for (const file of files) hash.update(relative(root, file)).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}
