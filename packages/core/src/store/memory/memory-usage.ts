import {
  addSums,
  type StoredBalance,
  type StoredUsage,
  type UsageBatch,
  type UsageBook,
  type UsageRange,
  usageDays,
} from '../stored-usage.js'
import { type AccountName, accountPlace } from './account-place.js'

/** Daily sums and balances in memory. */
export class MemoryUsage {
  /** Rows by book and day; within a day by upstream, name, account or client, and currency. */
  readonly #days: Readonly<Record<UsageBook, Map<number, Map<string, StoredUsage>>>> = {
    keys: new Map(),
    models: new Map(),
  }
  readonly #balances = new Map<string, StoredBalance>()

  get balances(): StoredBalance[] {
    return Array.from(this.#balances.values())
  }

  put(balances: readonly StoredBalance[]): void {
    for (const balance of balances) {
      const place = accountPlace(balance)
      const known = this.#balances.get(place)
      if ((known?.baseline.at ?? 0) <= (balance.baseline.at ?? 0)) this.#balances.set(place, balance)
    }
  }

  forgetBalance(account: AccountName): void {
    this.#balances.delete(accountPlace(account))
  }

  add({ usage, spent }: Omit<UsageBatch, 'balances'>): StoredBalance[] {
    for (const each of usage) this.#add(each)
    for (const days of Object.values(this.#days)) forgetOld(days)
    return spent.flatMap(({ any, charged, unknown, ...account }) => {
      const place = accountPlace(account)
      const known = this.#balances.get(place)
      if (known === undefined) return []
      const before = known.spent
      const balance = {
        ...known,
        spent: {
          any: before.any + any,
          charged: before.charged + charged,
          unknown: before.unknown + unknown,
        },
      }
      this.#balances.set(place, balance)
      return [balance]
    })
  }

  read({ book, from, to }: UsageRange, each: (rows: readonly StoredUsage[]) => void): void {
    const days = Array.from(this.#days[book].keys()).sort((one, other) => one - other)
    for (const day of days) {
      if (day >= from && day <= to) each(Array.from(this.#days[book].get(day)?.values() ?? []))
    }
  }

  #add(usage: StoredUsage): void {
    const days = this.#days[usage.book]
    const rows = days.get(usage.day) ?? new Map<string, StoredUsage>()
    days.set(usage.day, rows)
    const id = JSON.stringify([usage.upstream, usage.name, usage.of, usage.currency])
    const known = rows.get(id)
    rows.set(id, known === undefined ? usage : { ...known, ...addSums(known, usage) })
  }
}

function forgetOld(days: Map<number, unknown>): void {
  let last = Number.NEGATIVE_INFINITY
  for (const day of days.keys()) last = Math.max(last, day)
  for (const day of days.keys()) if (day <= last - usageDays) days.delete(day)
}
