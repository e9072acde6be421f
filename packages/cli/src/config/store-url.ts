import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import type { Rule } from './rule.js'

/** The place of the store: memory, a file, or a libsql server, whose address may hold a token. */
export type StoreUrl =
  | { readonly kind: 'memory' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'libsql'; readonly url: string }

/** Parses `memory:`, `file:<path>`, a plain path, or `libsql://…`. */
export const storeUrl: Rule<StoreUrl> = {
  schema: v.pipe(
    v.string(),
    v.trim(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const parsed = parseStoreUrl(dataset.value)
      if (parsed !== undefined) return parsed
      addIssue()
      return NEVER
    }),
  ),
  rule: 'must be memory:, file:<path> or libsql://<host>?authToken=<token>',
}

/** A store as a file of settings holds it. */
export function writtenStoreUrl(url: StoreUrl | undefined): string | undefined {
  if (url?.kind === 'file') return `file:${url.path}`
  return url?.kind === 'libsql' ? url.url : url && 'memory:'
}

function parseStoreUrl(given: string): StoreUrl | undefined {
  if (given === 'memory:' || given === 'memory') return { kind: 'memory' }
  // Whether the rest is right is for the store to say, which repeats nothing of it.
  if (/^libsql:/i.test(given)) return { kind: 'libsql', url: given }
  if (given.startsWith('file://')) {
    try {
      return { kind: 'file', path: fileURLToPath(given) }
    } catch {
      return undefined
    }
  }
  const path = given.startsWith('file:') ? given.slice('file:'.length) : given
  // One letter before the colon is a drive; more letters are another scheme.
  if (path === '' || /^[a-z][a-z0-9+.-]+:/i.test(path)) return undefined
  return { kind: 'file', path }
}
