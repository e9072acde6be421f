// @ts-check
/**
 * Loader hooks that run a checkout from its TypeScript sources, and mark the functions of some packages so that each
 * says when it is entered.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { transpile } from './mark-entries.mjs'

/** The URL of the checkout's `packages/`. */
let packages = ''
/** @type {readonly string[]} */
let marked = []
let probe = ''

/** @param {{ root: string, marked: readonly string[], probe: string }} data */
export function initialize(data) {
  packages = pathToFileURL(`${data.root}/packages/`).href
  marked = data.marked
  probe = data.probe
}

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  const own = /^@sfpool\/([^/]+)(?:\/(.+))?$/.exec(specifier)
  if (own !== null) return next(`${packages}${own[1]}/src/${own[2] ?? 'index'}.ts`, context)
  const isOwn = context.parentURL?.startsWith(packages) === true && specifier.startsWith('.')
  return next(isOwn ? specifier.replace(/\.js$/, '.ts') : specifier, context)
}

/** @type {import('node:module').LoadHook} */
export async function load(url, context, next) {
  const [, packageName = '', path] = url.startsWith(packages)
    ? (/^([^/]+)\/src\/(.+\.ts)$/.exec(url.slice(packages.length)) ?? [])
    : []
  if (path === undefined) return next(url, context)
  const text = await readFile(fileURLToPath(url), 'utf8')
  const marks = marked.includes(packageName) ? { file: `${packageName}/${path}`, probe } : undefined
  return { format: 'module', source: transpile(text, marks), shortCircuit: true }
}
