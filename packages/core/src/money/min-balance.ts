import * as v from 'valibot'
import { byName } from '../validation.js'
import type { Baseline, Remaining } from './balance-estimate.js'
import { isDecimal, type Money, parseMoney } from './decimal.js'

/** The least that accounts should keep: one amount whatever the currency, or one for each, as decimal strings. */
export type MinBalance = string | Readonly<Record<string, string>>

/**
 * An older estimate, in milliseconds, is no reason to leave an account unused: money may have been added that the pool
 * does not know of.
 */
export const trustedForMs: number = 7 * 24 * 3_600_000

const amount = v.pipe(
  v.string('must be a decimal string as in "5.00"'),
  v.check(isDecimal, 'must be a decimal string as in "5.00"'),
)

export const minBalanceSchema: v.GenericSchema = v.lazy((given) =>
  typeof given === 'object' && given !== null
    ? byName(amount, 'must be a decimal string, or an object of them by currency')
    : v.pipe(
        v.string('must be a decimal string as in "5.00", or an object of them by currency'),
        v.check(isDecimal, 'must be a decimal string as in "5.00"'),
      ),
)

/** The least that accounts should keep, read once. */
export class Thresholds {
  readonly #all: Money | null
  readonly #byCurrency: ReadonlyMap<string, Money>

  constructor(least: MinBalance) {
    this.#all = typeof least === 'string' ? parseMoney(least) : null
    const given = typeof least === 'string' ? [] : Object.entries(least)
    this.#byCurrency = new Map(given.map(([currency, text]) => [currency, parseMoney(text)]))
  }

  /** Until when an account is known to have too little; null when it has enough, or its balance is unknown. */
  lowUntil({ currency, at }: Baseline, { amount }: Pick<Remaining, 'amount'>, now: number): number | null {
    const least = this.#all ?? this.#byCurrency.get(currency)
    if (least === undefined || amount === null || amount >= least) return null
    const until = (at ?? 0) + trustedForMs
    return until > now ? until : null
  }
}
