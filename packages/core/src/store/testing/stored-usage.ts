import type { StoredUsage } from '../stored-usage.js'

export const storedDay = 20_700

/** What one call used; each figure is different. */
export function storedUsage(changes: Partial<StoredUsage> = {}): StoredUsage {
  return {
    book: 'keys',
    day: storedDay,
    upstream: 'default',
    name: 'key-0',
    of: 'acme',
    currency: 'CNY',
    requests: 1,
    successes: 2,
    promptTokens: 3,
    completionTokens: 4,
    cachedTokens: 5,
    reasoningTokens: 6,
    images: 7,
    cost: 8n,
    unknownCosts: 9,
    ...changes,
  }
}
