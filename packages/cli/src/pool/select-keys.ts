import type { KeyPool, KeyView } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import { statusOf } from '../render/key-table.js'

/** Whether a key has one of the states and the account of the filter. A missing filter matches every key. */
export function matches(key: KeyView, { status, account }: Pick<Settings, 'status' | 'account'>): boolean {
  return (
    (status === undefined || status.includes(statusOf(key))) &&
    (account === undefined || key.account === account)
  )
}

/**
 * Selects keys by ids, labels or masked keys, or else by state and account. Throws a `CliError` when neither is given,
 * and the core's `unknown_key` when a word matches no key.
 */
export function selectKeys(
  pool: KeyPool,
  words: readonly string[],
  filter: Pick<Settings, 'status' | 'account'>,
): KeyView[] {
  const isFiltered = filter.status !== undefined || filter.account !== undefined
  if (words.length === 0 && !isFiltered) {
    throw new CliError('no keys were selected; give ids, labels or masked keys, or --status or --account', {
      hint: 'List the keys with: sfpool list',
    })
  }
  const candidates = words.length === 0 ? pool.keys.list() : words.flatMap((word) => meantBy(pool, word))
  const unique = new Map(candidates.map((key) => [key.id, key]))
  return [...unique.values()].filter((key) => matches(key, filter))
}

/** Finds the keys of a word. A whole masked key selects only the keys with exactly that mask, not longer ones. */
function meantBy(pool: KeyPool, word: string): KeyView[] {
  const found = pool.keys.find([word])
  const exact = found.filter(({ id, key, label }) => [id, key, label].includes(word))
  return exact.length > 0 ? exact : found
}
