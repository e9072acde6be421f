import type { PoolEmitter } from '../events.js'
import type { HistoryRecorder } from '../history/history-recorder.js'
import type { KeyAccount } from '../key/key.js'
import type { AttemptFigures, Keyring } from '../keyring/keyring.js'
import { correctedBaseline } from '../money/balance-correction.js'
import type { Baseline } from '../money/balance-estimate.js'
import type { Money } from '../money/decimal.js'
import type { Outcome } from '../outcome/outcome.js'
import { costOfAttempt } from '../price/attempt-cost.js'
import type { Cost, PriceBook } from '../price/price-book.js'
import type { Provider } from '../provider/provider.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Grant } from '../selection/grant.js'
import type { Usage } from '../usage/usage.js'
import type { EndedCall, Ledger } from './ledger.js'

export interface AttemptBillingParts {
  readonly prices: PriceBook
  readonly ledger: Ledger
  readonly provider: Provider
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly keyring: Pick<Keyring, 'reviewBalance'>
  /** Null where no history is kept. */
  readonly history: Pick<HistoryRecorder, 'recordAttempt'> | null
  /** Saves every account whose money changed. */
  readonly stateWriter: { markSpending(account: KeyAccount): void }
}

/**
 * Records what each attempt cost, and charges its account. Called after the keyring has settled the attempt; the state
 * writer saves the records later.
 */
export class AttemptBilling {
  readonly #parts: AttemptBillingParts

  constructor(parts: AttemptBillingParts) {
    this.#parts = parts
  }

  /** Records an attempt that ended, and takes its cost from the account's balance. */
  settled(grant: Grant, outcome: Outcome, figures: AttemptFigures): void {
    const { key, account, model } = grant
    const { usage } = figures
    const { runtime, ledger, provider } = this.#parts
    const now = runtime.now()
    // Lists, lookups and uploads use nothing that could be counted.
    const isUse = model !== '' || usage !== null
    const currency = provider.currencyOf(key.site)
    const cost = isUse ? this.#costOf(grant, outcome, usage) : { amount: 0n, currency }
    if (isUse) grant.cost = cost
    const call: EndedCall = {
      key: key.id,
      account: account.id,
      model,
      client: grant.client,
      currency: 'currency' in cost ? cost.currency : currency,
      isSuccess: outcome.kind === 'success',
      usage,
      cost: 'amount' in cost ? cost.amount : null,
    }
    this.#remember(grant, call, { outcome, figures }, now)
    if (!isUse) return
    ledger.record(call, now)
    // The account's last key was removed or moved to another account.
    if (account.keys.size === 0) return
    this.#charge(grant, cost, now)
    this.#correctBaseline(grant, outcome, now, cost)
  }

  #remember(
    { askedModel, begunAt }: Grant,
    call: EndedCall,
    { outcome, figures }: { readonly outcome: Outcome; readonly figures: AttemptFigures },
    now: number,
  ): void {
    const { history, runtime } = this.#parts
    if (history === null) return
    const { firstOutputMs } = figures
    const durationMs = runtime.monotonic() - begunAt
    history.recordAttempt(call, askedModel, { outcome: outcome.kind, durationMs, firstOutputMs }, now)
  }

  #costOf({ key, model, needs, startedAt }: Grant, outcome: Outcome, usage: Usage | null): Cost {
    const { prices, provider } = this.#parts
    const { site } = key
    const currency = provider.currencyOf(site)
    const isFree = needs === 'nothing'
    return costOfAttempt({ outcome, usage, model, site, startedAt, isFree, currency }, prices)
  }

  #charge({ account, needs }: Grant, cost: Cost, now: number): void {
    const { tracker } = account
    if (tracker === null) return
    const amount = chargeOf(cost, tracker.baseline)
    if (amount === 0n) return
    account.charge({ cost: amount, isCharged: needs === 'charged' }, now)
    this.#parts.stateWriter.markSpending(account)
    this.#parts.keyring.reviewBalance(account)
  }

  #correctBaseline(grant: Grant, outcome: Outcome, now: number, cost: Cost): void {
    const { account, needs, startedAt } = grant
    const isFree = 'amount' in cost && cost.amount === 0n
    const currency = this.#parts.provider.currencyOf(grant.key.site)
    const next = correctedBaseline(account.tracker, { outcome, needs, isFree, startedAt }, { now, currency })
    if (next !== null) this.#setBaseline(account, next)
  }

  #setBaseline(account: KeyAccount, baseline: Baseline): void {
    account.setBaseline(baseline)
    this.#parts.stateWriter.markSpending(account)
    this.#parts.keyring.reviewBalance(account)
    const { balance } = account
    if (balance !== null) this.#parts.events.emit('balance-updated', { account: account.id, balance })
  }
}

/** What a cost takes from a balance; null when unknown, and for a cost in another currency than the balance. */
function chargeOf(cost: Cost, { currency }: Baseline): Money | null {
  if ('unknown' in cost) return null
  return cost.amount === 0n || cost.currency === currency ? cost.amount : null
}
