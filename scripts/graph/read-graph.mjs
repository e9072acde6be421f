// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { readImports } from './read-imports.mjs'

/**
 * @typedef {object} Arrow one file imports another, however often
 * @property {string} from
 * @property {string} to
 * @property {boolean} isType whether every import between the two is of types
 */

/**
 * @typedef {object} Graph
 * @property {string[]} files paths below the folder, with `/` on every system
 * @property {Arrow[]} arrows
 */

/**
 * Reads the imports between a folder's product files. Tests and test support are left out: no floor holds them.
 * @param {string} folder
 * @returns {Graph}
 */
export function readGraph(folder) {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(sep).join('/'))
    .filter(isProductFile)
    .sort()
  const known = new Set(files)
  return { files, arrows: files.flatMap((file) => arrowsOf(folder, file, known)) }
}

/** @param {string} file */
function isProductFile(file) {
  return file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file) && !/(^|\/)testing\//.test(file)
}

/**
 * @param {string} folder
 * @param {string} from
 * @param {ReadonlySet<string>} known
 * @returns {Arrow[]}
 */
function arrowsOf(folder, from, known) {
  /** @type {Map<string, boolean>} */
  const targets = new Map()
  for (const { specifier, isType } of readImports(from, readFileSync(join(folder, from), 'utf8'))) {
    const to = fileOf(from, specifier)
    if (to !== undefined && known.has(to)) targets.set(to, isType && (targets.get(to) ?? true))
  }
  return [...targets].map(([to, isType]) => ({ from, to, isType }))
}

/**
 * @param {string} from
 * @param {string} specifier
 */
function fileOf(from, specifier) {
  if (!specifier.startsWith('.')) return undefined
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts')
}
