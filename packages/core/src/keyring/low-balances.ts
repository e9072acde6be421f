import type { PoolEmitter } from '../events.js'
import { type KeyAccount, keyIdsOf } from '../key/key.js'
import type { Thresholds } from '../money/min-balance.js'
import type { Selector } from '../selection/selector.js'

export interface LowBalancesParts {
  /** The least that accounts should keep; null for no such rule. */
  readonly thresholds: Thresholds | null
  readonly accounts: ReadonlyMap<string, KeyAccount>
  readonly selection: Selector
  readonly events: PoolEmitter
  /** An account may serve again. */
  readonly onFree: (model: null) => void
}

/** Marks the accounts with less money than `minBalance`: other accounts serve what costs something meanwhile. */
export class LowBalances {
  readonly #parts: LowBalancesParts
  /** When the first figure is too old to be trusted, in milliseconds since the Unix epoch. */
  dueAt: number = Number.POSITIVE_INFINITY

  constructor(parts: LowBalancesParts) {
    this.#parts = parts
  }

  /** The balance of the account has changed, or is older by now. */
  review(account: KeyAccount, now: number): void {
    const { thresholds, selection, events, onFree } = this.#parts
    const { tracker } = account
    if (thresholds === null) return
    const until = tracker === null ? null : thresholds.lowUntil(tracker.baseline, tracker, now)
    if (until !== null) this.dueAt = Math.min(this.dueAt, until)
    if (account.isLow === (until !== null)) return
    account.isLow = until !== null
    selection.updateAll(account)
    const { id, balance } = account
    if (!account.isLow) onFree(null)
    else if (balance !== null) events.emit('balance-low', { account: id, keys: keyIdsOf(account), balance })
  }

  /** Reviews the marked accounts, because the first figure is too old by now. */
  reviewAll(now: number): void {
    this.dueAt = Number.POSITIVE_INFINITY
    for (const account of this.#parts.accounts.values()) if (account.isLow) this.review(account, now)
  }
}
