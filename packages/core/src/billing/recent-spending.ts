import { type DaySpending, trendReachDays } from '../money/trend.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Store } from '../store/store.js'
import type { Ledger } from './ledger.js'

export interface RecentSpendingParts {
  readonly ledger: Pick<Ledger, 'dayOf'>
  readonly store: Pick<Store, 'readUsage'>
  readonly runtime: Pick<Runtime, 'now' | 'monotonic'>
  /** Writes what the store does not have yet. */
  readonly stateWriter: { flush(): Promise<void> }
}

/** Trends change slowly, and with many keys a read takes a while, so a read serves for a minute. */
const freshMs = 60_000
/** The most rows that one read takes. With a hundred thousand keys the last two days fill it. */
const maxRows = 200_000

/** Reads from the store what accounts have spent on the last days. */
export class RecentSpending {
  readonly #parts: RecentSpendingParts
  /** `at` is on the monotonic clock. */
  #lastRead: { readonly at: number; readonly days: Promise<ReadonlyMap<string, DaySpending[]>> } | null = null

  constructor(parts: RecentSpendingParts) {
    this.#parts = parts
  }

  /** The days of each account and currency, the newest first, under the name that `spendingName` gives. */
  days(): Promise<ReadonlyMap<string, readonly DaySpending[]>> {
    const { runtime } = this.#parts
    const at = runtime.monotonic()
    if (this.#lastRead !== null && at - this.#lastRead.at < freshMs) return this.#lastRead.days
    const days = this.#read(runtime.now())
    this.#lastRead = { at, days }
    days.catch(() => {
      this.#lastRead = null
    })
    return days
  }

  async #read(now: number): Promise<ReadonlyMap<string, DaySpending[]>> {
    const { ledger, stateWriter, store } = this.#parts
    await stateWriter.flush()
    const today = ledger.dayOf(now)
    const spending = new Map<string, DaySpending[]>()
    let count = 0
    for (let day = today; day > today - trendReachDays && count < maxRows; day--) {
      await store.readUsage({ book: 'keys', from: day, to: day }, (rows) => {
        count += rows.length
        for (const { of, currency, cost } of rows) addTo(spending, spendingName(of, currency), { day, cost })
      })
    }
    return spending
  }
}

/** The name of an account's spending in one currency. */
export const spendingName = (account: string, currency: string): string => `${currency} ${account}`

/** Rows come day by day, so only the last day in the list can be the same. */
function addTo(spending: Map<string, DaySpending[]>, name: string, { day, cost }: DaySpending): void {
  const days = spending.get(name)
  if (days === undefined) {
    spending.set(name, [{ day, cost }])
    return
  }
  const last = days.at(-1)
  if (last?.day === day) days[days.length - 1] = { day, cost: last.cost + cost }
  else days.push({ day, cost })
}
