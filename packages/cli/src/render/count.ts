import type { KeyView } from '@sfpool/core'
import { statusOf } from './key-table.js'

/** Formats an amount with its noun: `1 key`, `2 keys`. */
export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en-US')} ${noun}${amount === 1 ? '' : 's'}`
}

/** Counts keys by state: `3 keys: 2 ready, 1 exhausted`. */
export function countByStatus(keys: readonly KeyView[]): string {
  return `${count(keys.length, 'key')}: ${countWords(keys.map(statusOf))}`
}

/** Counts equal words, the most frequent first: `2 ready, 1 exhausted`. */
export function countWords(words: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return listCounts(counts)
}

/** Formats counts, the highest first: `2 ready, 1 exhausted`. */
export function listCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort((one, other) => other[1] - one[1])
    .map(([word, times]) => `${times.toLocaleString('en-US')} ${word}`)
    .join(', ')
}
