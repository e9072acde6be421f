import type { Outcome } from '../outcome/outcome.js'
import type { Consumption } from './consumption.js'
import type { Cost, PriceBook } from './price-book.js'

/** What the cost of an upstream call that ended depends on. */
export interface PricedAttempt {
  readonly outcome: Outcome
  /** What the call used; of a call that broke off, what the upstream reported until then. Null when unknown. */
  readonly usage: Consumption | null
  readonly model: string
  readonly site: string
  /** The instant whose prices count, in milliseconds since the Unix epoch. */
  readonly startedAt: number
  /** The model is known to cost nothing, also where no list names it. */
  readonly isFree: boolean
  /** Three-letter code of the site's currency, for a cost of zero. */
  readonly currency: string
}

/**
 * What an attempt cost. The upstream charges for what it answered, also in part, and not for what it refused. A call
 * that ran, or may have run, without a reported usage has an unknown cost, unless the model is free.
 */
export function costOfAttempt(attempt: PricedAttempt, prices: PriceBook): Cost {
  const { outcome, usage, model, site, startedAt, currency } = attempt
  const nothing: Cost = { amount: 0n, currency }
  if (usage !== null && usedAnything(usage)) {
    const cost = prices.costOf(usage, model, site, startedAt)
    return 'unknown' in cost && attempt.isFree ? nothing : cost
  }
  if (!mayHaveRun(outcome) || attempt.isFree || prices.isFree(model, site)) return nothing
  return { unknown: `nothing is known of what a call to ${model || 'no model'} used` }
}

/** The client may leave at any time, also while the upstream works. */
const mayHaveRun = ({ kind, maybeRan }: Outcome): boolean =>
  kind === 'success' || kind === 'aborted' || maybeRan === true

const usedAnything = (usage: Consumption): boolean =>
  (usage.promptTokens ?? 0) > 0 ||
  (usage.completionTokens ?? 0) > 0 ||
  (usage.images ?? 0) > 0 ||
  (usage.videos ?? 0) > 0 ||
  (usage.speechBytes ?? 0) > 0 ||
  (usage.audioSeconds ?? 0) > 0
