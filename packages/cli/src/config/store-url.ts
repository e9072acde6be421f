import { fileURLToPath } from 'node:url'
import * as v from 'valibot'
import type { Rule } from './rule.js'

/** Where keys and state live. */
export type StoreUrl = { readonly kind: 'memory' } | { readonly kind: 'file'; readonly path: string }

/** `memory:`, `file:<path>`, or a path alone. */
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
  rule: 'must be memory: or file:<path>',
}

function parseStoreUrl(given: string): StoreUrl | undefined {
  if (given === 'memory:' || given === 'memory') return { kind: 'memory' }
  if (given.startsWith('file://')) {
    try {
      return { kind: 'file', path: fileURLToPath(given) }
    } catch {
      return undefined
    }
  }
  const path = given.startsWith('file:') ? given.slice('file:'.length) : given
  // One letter before the colon is a drive, more are another scheme.
  if (path === '' || /^[a-z][a-z0-9+.-]+:/i.test(path)) return undefined
  return { kind: 'file', path }
}
