import type { PoolEmitter } from '../events.js'
import type { KeyAccount } from '../key/key.js'
import type { Keyring } from '../keyring/keyring.js'
import { formatMoney, sumDecimals } from '../money/decimal.js'
import { type DaySpending, trendOf, trendReachDays } from '../money/trend.js'
import type { PriceBook } from '../price/price-book.js'
import type { Provider } from '../provider/provider.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Store } from '../store/store.js'
import { AttemptBilling } from './attempt-billing.js'
import type { Ledger } from './ledger.js'
import type { PoolBalance } from './pool-balance.js'
import { checkUsageQuery, type UsageQuery, type UsageReport, UsageSummary } from './usage-report.js'

/** How fast an account's money goes. */
export interface BalanceTrend {
  /** Average cost of the last seven days with spending, today left out; an exact decimal string, null for none. */
  readonly dailyCost: string | null
  /** How many days the average is of. */
  readonly days: number
  /** How many such days the balance will last; null when that is not known. */
  readonly daysLeft: number | null
}

/** Money of the whole pool, and how fast it goes. */
export interface PoolMoney extends PoolBalance {
  /** The exact sums of what is known or estimated, by currency. */
  readonly totals: Readonly<Record<string, string>>
  readonly accounts: readonly (PoolBalance['accounts'][number] & {
    readonly trend: BalanceTrend
    /** Calls since the figure was taken whose cost nobody knows: the balance is lower than it says by as much. */
    readonly unknownCosts: number
  })[]
}

/** What billing needs of the writer of state. */
export interface SpendingWriter {
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
  readonly stateWriter: SpendingWriter
}

/** Trends change slowly, and reading them takes a while where there are many keys. */
const trendsLastMs = 60_000
/** Rows that are read for trends at most: the days of a hundred thousand keys are told by the last two. */
const trendRows = 200_000

/** The pool's books: what calls used and cost, by day, and what accounts should have left. */
export class Billing {
  readonly #parts: BillingParts
  /** Bills single attempts. */
  readonly attempts: AttemptBilling
  /** By account and currency, and when it was read. */
  #spending: { readonly at: number; readonly days: Promise<ReadonlyMap<string, DaySpending[]>> } | null = null

  constructor(parts: BillingParts) {
    this.#parts = parts
    this.attempts = new AttemptBilling({
      ...parts,
      onSpending: (account: KeyAccount) => parts.stateWriter.markSpending(account),
    })
  }

  /** Goes on with the day where the last process left off. */
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

  /** What was found out of balances, with sums by currency and trends. */
  async money(report: PoolBalance): Promise<PoolMoney> {
    const { keyring, ledger, runtime } = this.#parts
    const spending = await this.#spendingOfLate()
    const today = ledger.dayOf(runtime.now())
    const totals = new Map<string, string[]>()
    const accounts = report.accounts.map((each) => {
      const { account: id, balance } = each
      const tracker = keyring.accounts.get(id)?.tracker ?? null
      if (balance.amount !== null) listedIn(totals, balance.currency).push(balance.amount)
      const days = spending.get(`${balance.currency} ${id}`) ?? []
      const { dailyCost, ...trend } = trendOf(days, today, tracker?.left.amount ?? null)
      return {
        ...each,
        trend: { dailyCost: dailyCost === null ? null : formatMoney(dailyCost), ...trend },
        unknownCosts: tracker?.spent.unknown ?? 0,
      }
    })
    const sums = Array.from(totals, ([currency, amounts]) => [currency, sumDecimals(amounts)])
    return { ...report, totals: Object.fromEntries(sums), accounts }
  }

  #spendingOfLate(): Promise<ReadonlyMap<string, DaySpending[]>> {
    const now = this.#parts.runtime.now()
    const known = this.#spending
    if (known !== null && Math.abs(now - known.at) < trendsLastMs) return known.days
    const days = this.#readSpending(now)
    this.#spending = { at: now, days }
    days.catch(() => {
      this.#spending = null
    })
    return days
  }

  async #readSpending(now: number): Promise<ReadonlyMap<string, DaySpending[]>> {
    const { ledger, stateWriter, store } = this.#parts
    await stateWriter.flush()
    const today = ledger.dayOf(now)
    const spending = new Map<string, DaySpending[]>()
    let count = 0
    for (let day = today; day > today - trendReachDays && count < trendRows; day--) {
      await store.readUsage({ book: 'keys', from: day, to: day }, (rows) => {
        count += rows.length
        for (const { of, currency, cost } of rows) noteDay(spending, `${currency} ${of}`, { day, cost })
      })
    }
    return spending
  }
}

/** Days come one after another, so that the last one noted may be the same. */
function noteDay(spending: Map<string, DaySpending[]>, name: string, { day, cost }: DaySpending): void {
  const days = listedIn(spending, name)
  const last = days.at(-1)
  if (last?.day === day) days[days.length - 1] = { day, cost: last.cost + cost }
  else days.push({ day, cost })
}

function listedIn<T>(lists: Map<string, T[]>, name: string): T[] {
  const known = lists.get(name)
  if (known !== undefined) return known
  const list: T[] = []
  lists.set(name, list)
  return list
}
