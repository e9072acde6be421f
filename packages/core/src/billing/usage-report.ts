import { formatMoney } from '../money/decimal.js'
import { addSums, type StoredUsage, type UsageBook, type UsageSums } from '../store/stored-usage.js'
import type { CheckedUsageQuery, UsageDimension } from './usage-query.js'

/** Sums of one day, key, account, model or client, or of a pair of them, with a row for each currency. */
export interface UsageRow extends Omit<UsageSums, 'cost'> {
  readonly day?: string
  /** The key's id; the key may be gone by now. */
  readonly key?: string
  readonly account?: string
  /** `(others)` for names beyond the number that a day has room for. */
  readonly model?: string
  /** Null for calls that named no client. */
  readonly client?: string | null
  readonly currency: string
  /** The known cost, as an exact decimal string; the cost of `unknownCosts` calls is not in it. */
  readonly cost: string
}

export interface UsageReport {
  readonly from: string
  readonly to: string
  /** By day, and within a day the most expensive first. */
  readonly rows: readonly UsageRow[]
}

/** Sums up stored rows while they are read, and makes a report of the sums. */
export class UsageSummary {
  readonly #query: CheckedUsageQuery
  readonly #groups = new Map<string, StoredUsage>()

  constructor(query: CheckedUsageQuery) {
    this.#query = query
  }

  add(rows: readonly StoredUsage[]): void {
    for (const row of rows) {
      const group = this.#groupOf(row)
      const name = JSON.stringify([group.day, group.name, group.of, group.currency])
      const known = this.#groups.get(name)
      this.#groups.set(name, known === undefined ? group : { ...known, ...addSums(known, group) })
    }
  }

  report(): UsageReport {
    const { from, to } = this.#query
    const groups = Array.from(this.#groups.values()).sort(
      (one, other) => one.day - other.day || compare(other.cost, one.cost) || other.requests - one.requests,
    )
    return { from: textOfDay(from), to: textOfDay(to), rows: groups.map((group) => this.#rowOf(group)) }
  }

  /** Clears the dimensions that the query does not split by, so that rows which differ only by them fall together. */
  #groupOf(row: StoredUsage): StoredUsage {
    const { by } = this.#query
    const [name, of] = columns[row.book]
    return {
      ...row,
      day: by.has('day') ? row.day : 0,
      name: by.has(name) ? row.name : '',
      of: by.has(of) ? row.of : '',
    }
  }

  #rowOf({ book, day, upstream: _, name, of, cost, ...sums }: StoredUsage): UsageRow {
    const { by } = this.#query
    const [first, second] = columns[book]
    return {
      ...(by.has('day') ? { day: textOfDay(day) } : {}),
      ...(by.has(first) ? { [first]: name } : {}),
      ...(by.has(second) ? { [second]: second === 'client' && of === '' ? null : of } : {}),
      ...sums,
      cost: formatMoney(cost),
    }
  }
}

/** The dimensions that the stored columns `name` and `of` hold, by the way a row is split. */
const columns: Readonly<Record<UsageBook, readonly [UsageDimension, UsageDimension]>> = {
  keys: ['key', 'account'],
  models: ['model', 'client'],
}

const compare = (one: bigint, other: bigint): number => (one < other ? -1 : one > other ? 1 : 0)

const dayMs = 86_400_000

const textOfDay = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)
