import type { KeyPool, KeyView } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import { statusOf } from '../render/key-table.js'

/** Whether a key is of the states and the account asked for; what was not asked for matches. */
export function matches(key: KeyView, { status, account }: Pick<Settings, 'status' | 'account'>): boolean {
  return (
    (status === undefined || status.includes(statusOf(key))) &&
    (account === undefined || key.account === account)
  )
}

/**
 * The keys meant by ids, labels or masked forms, or else by state and account. Throws a `CliError` when nothing says
 * which; the core's `unknown_key` when a word means no key.
 */
export function selectKeys(
  pool: KeyPool,
  words: readonly string[],
  filter: Pick<Settings, 'status' | 'account'>,
): KeyView[] {
  const isFiltered = filter.status !== undefined || filter.account !== undefined
  if (words.length === 0 && !isFiltered) {
    throw new CliError('which keys? give ids, labels or masked keys, or --status or --account', {
      hint: 'see them with: sfpool list',
    })
  }
  const candidates = words.length === 0 ? pool.keys.list() : words.flatMap((word) => meantBy(pool, word))
  const unique = new Map(candidates.map((key) => [key.id, key]))
  return [...unique.values()].filter((key) => matches(key, filter))
}

/** A whole mask means the keys of exactly that mask, though its beginning may fit others. */
function meantBy(pool: KeyPool, word: string): KeyView[] {
  const found = pool.keys.find([word])
  const exact = found.filter(({ id, key, label }) => [id, key, label].includes(word))
  return exact.length > 0 ? exact : found
}
