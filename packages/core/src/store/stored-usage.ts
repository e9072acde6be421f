import type { Baseline, Spent } from '../money/balance-estimate.js'

/** What calls used and cost together. */
export interface UsageSums {
  /** Upstream calls that ended, and those of them that succeeded. */
  readonly requests: number
  readonly successes: number
  readonly promptTokens: number
  readonly completionTokens: number
  /** Parts of the two above. */
  readonly cachedTokens: number
  readonly reasoningTokens: number
  readonly images: number
  /** The cost as far as it is known, in trillionths of the currency's unit. */
  readonly cost: bigint
  /** Calls of unknown cost. */
  readonly unknownCosts: number
}

/**
 * How the sums of a day are split: `keys` by key and its account, `models` by client and model. Kept apart, so that a
 * day takes as many rows as there are keys and models in use, and not their product.
 */
export type UsageBook = 'keys' | 'models'

/** The sums of one day. Rows of the same book, day, upstream, name, `of` and currency are added up to one. */
export interface StoredUsage extends UsageSums {
  readonly book: UsageBook
  /** The name of the upstream that was called. */
  readonly upstream: string
  /** Days since 1970-01-01, by the provider's calendar. */
  readonly day: number
  /** The key's id, or the model. */
  readonly name: string
  /** The key's account at that time, or the client; `''` for calls without one. */
  readonly of: string
  /** Three-letter code of the cost's currency. */
  readonly currency: string
}

/** The last known balance of an account, and what was spent since. */
export interface StoredBalance {
  readonly upstream: string
  /** The account's id, as in `StoredAccountState`. */
  readonly id: string
  readonly baseline: Baseline
  readonly spent: Spent
}

/** What an account spent. */
export interface SpentOfAccount extends Spent {
  readonly upstream: string
  readonly id: string
}

/** What ended calls used and spent, to be added to the stored sums. */
export interface UsageBatch {
  readonly usage: readonly StoredUsage[]
  /** By account. Each is added to what was spent since the account's present baseline. */
  readonly spent: readonly SpentOfAccount[]
  /** New baselines, written before `spent` is added. Of two the one with the later instant holds. */
  readonly balances: readonly StoredBalance[]
}

/** The days to read, the first and the last one included. */
export interface UsageRange {
  readonly book: UsageBook
  readonly from: number
  readonly to: number
}

/** Days of usage that are kept. Older ones are forgotten when newer ones are added. */
export const usageDays: number = 400

export const noSums: UsageSums = Object.freeze({
  requests: 0,
  successes: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  images: 0,
  cost: 0n,
  unknownCosts: 0,
})

export function addSums(one: UsageSums, other: UsageSums): UsageSums {
  return {
    requests: one.requests + other.requests,
    successes: one.successes + other.successes,
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    images: one.images + other.images,
    cost: one.cost + other.cost,
    unknownCosts: one.unknownCosts + other.unknownCosts,
  }
}
