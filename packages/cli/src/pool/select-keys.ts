import type { KeyPool, KeyView } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import { count } from '../render/count.js'
import { keyName } from '../render/key-name.js'
import { statusOf } from '../render/key-table.js'
import { scrub } from '../render/scrub.js'

/** Whether a key has one of the states and the account of the filter. A missing filter matches every key. */
export function matches(key: KeyView, { status, account }: Pick<Settings, 'status' | 'account'>): boolean {
  return (
    (status === undefined || status.includes(statusOf(key))) &&
    (account === undefined || key.account === account)
  )
}

/**
 * Selects keys by ids, labels or masked keys, or else by state and account. Throws a `CliError` when neither is given or
 * a word means several keys, and the core's `unknown_key` when a word matches no key.
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
  const candidates =
    words.length === 0 ? pool.keys.list() : words.flatMap((word) => meantBy(pool, word, filter))
  const unique = new Map(candidates.map((key) => [key.id, key]))
  return [...unique.values()].filter((key) => matches(key, filter))
}

/** Finds the key of a word. A whole masked key, label or id means the key that has it, not longer ones. */
function meantBy(pool: KeyPool, word: string, filter: Pick<Settings, 'status' | 'account'>): KeyView[] {
  const found = pool.keys.find([word])
  const exact = found.filter(({ id, key, label }) => [id, key, label].includes(word))
  const meant = exact.length > 0 ? exact : found
  const left = meant.filter((key) => matches(key, filter))
  if (left.length > 1) throw ambiguous(word, left)
  return left
}

/** At most this many keys are listed in an error. */
const mostListed = 20

/** The error for a word that may mean several keys: a command must not guess which of them is meant. */
function ambiguous(word: string, keys: readonly KeyView[]): CliError {
  const listed = keys.slice(0, mostListed).map((key) => `  ${key.id}  ${keyName(key)}`)
  const more = keys.length > mostListed ? [`  and ${keys.length - mostListed} more`] : []
  return new CliError(
    `${JSON.stringify(scrub(word))} matches ${count(keys.length, 'key')}; nothing was changed`,
    {
      hint: [...listed, ...more, 'Name the keys that you mean by their ids'].join('\n'),
    },
  )
}
