import type { Outcome } from '../outcome/outcome.js'
import type { Consumption } from './consumption.js'
import type { Cost, PriceBook } from './price-book.js'

/** An upstream call that ended, as far as its cost depends on it. */
export interface PricedAttempt {
  readonly outcome: Outcome
  /** What it is known to have used: of a call that was broken off, what was reported until then. */
  readonly usage: Consumption | null
  readonly model: string
  readonly site: string
  /** Prices of this instant count, in milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** It is known to cost nothing, whatever any list says or does not say. */
  readonly isFree: boolean
  /** Three-letter code of the site's money, for costs of nothing. */
  readonly currency: string
}

/**
 * What an attempt cost. The upstream bills what it answered, also in part; what it refused costs nothing. Calls that
 * ran, or may have, and of which nobody knows what they used have an unknown cost, unless the model is free.
 */
export function costOfAttempt(attempt: PricedAttempt, prices: PriceBook): Cost {
  const { outcome, usage, model, site, startedAt, currency } = attempt
  const nothing: Cost = { amount: 0n, currency }
  if (usage !== null && isAny(usage)) {
    const cost = prices.costOf(usage, model, site, startedAt)
    return 'unknown' in cost && attempt.isFree ? nothing : cost
  }
  if (!mayHaveRun(outcome) || attempt.isFree || prices.isFree(model, site)) return nothing
  return { unknown: `nothing is known of what a call to ${model || 'no model'} used` }
}

/** The client may leave at any time, also while the upstream works. */
const mayHaveRun = ({ kind, maybeRan }: Outcome): boolean =>
  kind === 'success' || kind === 'aborted' || maybeRan === true

const isAny = (usage: Consumption): boolean =>
  (usage.promptTokens ?? 0) > 0 ||
  (usage.completionTokens ?? 0) > 0 ||
  (usage.images ?? 0) > 0 ||
  (usage.videos ?? 0) > 0 ||
  (usage.speechBytes ?? 0) > 0 ||
  (usage.audioSeconds ?? 0) > 0
