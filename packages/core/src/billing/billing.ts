import type { PoolEmitter } from '../events.js'
import type { KeyAccount } from '../key/key.js'
import type { Keyring } from '../keyring/keyring.js'
import { formatMoney, sumDecimals } from '../money/decimal.js'
import { trendOf } from '../money/trend.js'
import type { PriceBook } from '../price/price-book.js'
import type { Provider } from '../provider/provider.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Store } from '../store/store.js'
import { AttemptBilling, type AttemptBillingParts } from './attempt-billing.js'
import type { Ledger } from './ledger.js'
import type { PoolBalance } from './pool-balance.js'
import { RecentSpending, spendingName } from './recent-spending.js'
import { checkUsageQuery, type UsageQuery } from './usage-query.js'
import { type UsageReport, UsageSummary } from './usage-report.js'

/** How fast an account spends its balance. */
export interface BalanceTrend {
  /** Average cost of the last seven days with spending, today left out; an exact decimal string, null for none. */
  readonly dailyCost: string | null
  /** The number of days in the average. */
  readonly days: number
  /** How many such days the balance will last; null when that is not known. */
  readonly daysLeft: number | null
}

/** The balances of the whole pool, and how fast accounts spend them. */
export interface PoolMoney extends PoolBalance {
  /** The exact sums of known and estimated balances, by currency. */
  readonly totals: Readonly<Record<string, string>>
  readonly accounts: readonly (PoolBalance['accounts'][number] & {
    readonly trend: BalanceTrend
    /** Calls of unknown cost since the balance was read: the true balance is lower by what they cost. */
    readonly unknownCosts: number
  })[]
}

/** What billing needs of the writer of state. */
export interface BillingWriter {
  /** Writes everything that changed. */
  flush(): Promise<void>
  /** Marks an account as one that has spent something. */
  markSpending(account: KeyAccount): void
}

export interface BillingParts {
  readonly prices: PriceBook
  readonly ledger: Ledger
  readonly store: Store
  readonly provider: Provider
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly keyring: Keyring
  readonly history: AttemptBillingParts['history']
  readonly stateWriter: BillingWriter
}

/** Reports what calls used and cost, by day, and what accounts have left. */
export class Billing {
  readonly #parts: BillingParts
  /** Records single attempts. */
  readonly attempts: AttemptBilling
  readonly #spending: RecentSpending

  constructor(parts: BillingParts) {
    this.#parts = parts
    this.attempts = new AttemptBilling(parts)
    this.#spending = new RecentSpending(parts)
  }

  /** Continues the day that the last process began. */
  async open(): Promise<void> {
    const { store, ledger, runtime } = this.#parts
    const today = ledger.dayOf(runtime.now())
    await store.readUsage({ book: 'models', from: today, to: today }, (rows) =>
      ledger.remember(rows, runtime.now()),
    )
  }

  /** Throws a `ConfigError` for a wrong query; rejects with `store_failed` when the store cannot be read. */
  async usage(query: UsageQuery): Promise<UsageReport> {
    const { ledger, runtime, stateWriter, store } = this.#parts
    const checked = checkUsageQuery(query, ledger.dayOf(runtime.now()))
    await stateWriter.flush()
    const summary = new UsageSummary(checked)
    await store.readUsage(checked, (rows) => summary.add(rows))
    return summary.report()
  }

  /** Adds sums by currency and trends to the balances of accounts. */
  async money(report: PoolBalance): Promise<PoolMoney> {
    const { keyring, ledger, runtime } = this.#parts
    const spending = await this.#spending.days()
    const today = ledger.dayOf(runtime.now())
    const amounts = new Map<string, string[]>()
    const accounts = report.accounts.map((each) => {
      const { account: id, balance } = each
      const tracker = keyring.accounts.get(id)?.tracker ?? null
      if (balance.amount !== null) {
        const sameCurrency = amounts.get(balance.currency)
        if (sameCurrency === undefined) amounts.set(balance.currency, [balance.amount])
        else sameCurrency.push(balance.amount)
      }
      const days = spending.get(spendingName(id, balance.currency)) ?? []
      const { dailyCost, ...trend } = trendOf(days, today, tracker?.left.amount ?? null)
      return {
        ...each,
        trend: { dailyCost: dailyCost === null ? null : formatMoney(dailyCost), ...trend },
        unknownCosts: tracker?.spent.unknown ?? 0,
      }
    })
    const sums = Array.from(amounts, ([currency, listed]) => [currency, sumDecimals(listed)])
    return { ...report, totals: Object.fromEntries(sums), accounts }
  }
}
