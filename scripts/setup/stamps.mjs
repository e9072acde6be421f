/** What a set-up was made from, so that the next one does only what is stale. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export const lockedHash = () => hashOf([join(root, 'package-lock.json'), join(root, '.npmrc')])

/** Of everything that becomes part of a build: sources and manifests, without tests. */
export function sourcesHash() {
  const configs = ['tsconfig.base.json', 'tsconfig.build.json', 'scripts/setup/build-packages.mjs']
  return hashOf([...sources('packages'), ...configs.map((name) => join(root, name))])
}

export const readStamp = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})

export function writeStamp(file, state) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(state))
}

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
