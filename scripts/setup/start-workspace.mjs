/**
 * A workspace with nothing but what `sfpool serve` needs to run, in `tmp/start`: the packages' manifests, and of the
 * lock file the part that they reach. A third of the packages that tests and gates need, which take most of the time.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages } from './build-packages.mjs'

/** Writes the manifests and the lock file, and returns how many packages `npm ci` will install at most. */
export function writeStartWorkspace(root, folder) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const top = { name: 'sfpool-start', private: true, workspaces: ['packages/*'] }
  const kept = partOf(lock.packages)
  top.dependencies = { esbuild: kept['node_modules/esbuild'].version }
  for (const name of packages) {
    const place = `packages/${name}`
    mkdirSync(join(folder, place), { recursive: true })
    writeJson(join(folder, place, 'package.json'), forRunning(readJson(join(root, place, 'package.json'))))
    kept[place] = forRunning(lock.packages[place])
  }
  writeJson(join(folder, 'package.json'), top)
  writeJson(join(folder, 'package-lock.json'), { ...lock, name: top.name, packages: { '': top, ...kept } })
  cpSync(join(root, '.npmrc'), join(folder, '.npmrc'))
  return (
    Object.values(kept).filter((entry) => entry.link !== true && isForThis(entry)).length - packages.length
  )
}

/** The entries of a lock file that the packages and the builder need, and those that they need in turn. */
export function partOf(entries) {
  const kept = {}
  const keep = (place) => {
    if (place in kept) return
    const { dev, devOptional, peer, ...entry } = entries[place]
    kept[place] = entry
    if (entry.link !== true) keepNeeds(place)
  }
  const keepNeeds = (place) => {
    const {
      dependencies,
      optionalDependencies,
      peerDependencies = {},
      peerDependenciesMeta = {},
    } = entries[place]
    const peers = Object.keys(peerDependencies).filter(
      (name) => peerDependenciesMeta[name]?.optional !== true,
    )
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      const found = placeOf(entries, name, place)
      if (found !== undefined) keep(found)
    }
  }
  keep('node_modules/esbuild')
  for (const name of packages) keepNeeds(`packages/${name}`)
  const links = Object.keys(entries).filter((place) =>
    packages.some((name) => entries[place].resolved === `packages/${name}`),
  )
  for (const place of links) kept[place] = entries[place]
  return kept
}

/** Where a package that is imported below `from` lies: in the nearest `node_modules`, as Node looks for it. */
function placeOf(entries, name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    const place = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
    if (place in entries) return place
    if (at === '') return undefined
  }
}

/** A manifest without what only tests need. */
function forRunning({ devDependencies, peerDependencies, peerDependenciesMeta, ...manifest }) {
  return manifest
}

const isForThis = ({ os = [process.platform], cpu = [process.arch] }) =>
  os.includes(process.platform) && cpu.includes(process.arch)
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))
const writeJson = (file, value) => writeFileSync(file, JSON.stringify(value, null, 2))
