import type { KeyView } from '@sfpool/core'
import { isBelow } from './is-below.js'

/** What keys are sorted by; `-` in front turns the order round. */
export const sortNames = ['added', 'used', 'balance', 'requests', 'success', 'score', 'label'] as const
export type SortName = (typeof sortNames)[number]
export type SortOrder = SortName | `-${SortName}`

type Compare = (one: KeyView, other: KeyView) => number

const compares: Readonly<Record<Exclude<SortName, 'score'>, Compare>> = {
  added: (one, other) => compareText(one.addedAt, other.addedAt),
  used: (one, other) => compareText(one.lastUsedAt ?? '', other.lastUsedAt ?? ''),
  balance: (one, other) => compareAmounts(one.balance.amount, other.balance.amount),
  requests: (one, other) => one.requests - other.requests,
  success: (one, other) => successRate(one) - successRate(other),
  label: (one, other) => (one.label ?? '').localeCompare(other.label ?? ''),
}

/**
 * Returns the keys in an order: the smallest, oldest or first first. Keys that lack what is sorted by come last, whichever
 * way round; keys that are alike stay in the order in which they were added.
 */
export function sortKeys<K extends KeyView>(keys: readonly K[], order: SortOrder): K[] {
  const isTurned = order.startsWith('-')
  const name = order.replace('-', '') as SortName
  const compare = name === 'score' ? compareScores(keys) : compares[name]
  return [...keys].sort((one, other) => {
    const lacking = Number(lacks(one, name)) - Number(lacks(other, name))
    if (lacking !== 0) return lacking
    return isTurned ? compare(other, one) : compare(one, other)
  })
}

const lacks = ({ balance, lastUsedAt, label, requests }: KeyView, name: SortName): boolean =>
  (name === 'balance' && balance.amount === null) ||
  (name === 'used' && lastUsedAt === null) ||
  (name === 'label' && label === null) ||
  (name === 'success' && requests === 0)

const compareText: (one: string, other: string) => number = (one, other) =>
  one === other ? 0 : one < other ? -1 : 1

function compareAmounts(one: string | null, other: string | null): number {
  if (one === null || other === null) return 0
  return isBelow(one, other) ? -1 : Number(isBelow(other, one))
}

const successRate = ({ requests, successes }: KeyView): number => (requests === 0 ? 0 : successes / requests)

/**
 * Compares by what the strategy `weighted-score` goes by, as far as a store knows it: the balance beside the highest
 * one, and the share of successes. Requests and tokens of this minute are known to a running server alone.
 */
function compareScores(keys: readonly KeyView[]): Compare {
  let highest = 0
  for (const { balance } of keys) highest = Math.max(highest, Number(balance.amount ?? 0))
  const scoreOf = (key: KeyView): number => {
    const balance = highest > 0 ? Math.max(0, Number(key.balance.amount ?? 0)) / highest : 0
    return 0.4 * balance + 0.3 * (key.requests === 0 ? 1 : successRate(key))
  }
  return (one, other) => scoreOf(one) - scoreOf(other)
}
