import * as v from 'valibot'
import { ConfigError } from '../errors.js'
import { formatMoney } from '../money/decimal.js'
import {
  added,
  type StoredUsage,
  type UsageBook,
  type UsageRange,
  type UsageSums,
} from '../store/stored-usage.js'
import { check, strict } from '../validation.js'

/** What sums may be split by. Keys and accounts go together, and so do models and clients; days with either. */
export type UsageDimension = 'day' | 'key' | 'account' | 'model' | 'client'

export interface UsageQuery {
  /** The first day, as in `2026-10-05`, by the provider's calendar. @default 29 days before `to` */
  readonly from?: string
  /** The last day, which is part of it. @default today */
  readonly to?: string
  /** What to split the sums by; an empty list for one sum of all. @default 'day' */
  readonly by?: UsageDimension | readonly UsageDimension[]
}

/** Sums of one day, key, account, model or client, or of a pair of them; of several currencies one row each. */
export interface UsageRow extends Omit<UsageSums, 'cost'> {
  readonly day?: string
  /** The key's id; it may be gone. */
  readonly key?: string
  readonly account?: string
  /** `(others)` for names beyond those that a day has room for. */
  readonly model?: string
  /** Null for calls of nobody in particular. */
  readonly client?: string | null
  readonly currency: string
  /** What is known of the cost, as an exact decimal string; `unknownCosts` calls are not in it. */
  readonly cost: string
}

export interface UsageReport {
  readonly from: string
  readonly to: string
  /** By day, and within it the most expensive first. */
  readonly rows: readonly UsageRow[]
}

const dimensions = ['day', 'key', 'account', 'model', 'client'] as const
const dayText = v.pipe(
  v.string('must be a day as in "2026-10-05"'),
  v.isoDate('must be a day as in "2026-10-05"'),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'must be a day of the calendar'),
)
const dimension = v.picklist(dimensions, `must be one of ${dimensions.join(', ')}`)
const querySchema = strict(
  {
    from: v.optional(dayText),
    to: v.optional(dayText),
    by: v.optional(v.lazy((given) => (Array.isArray(given) ? v.array(dimension) : dimension))),
  },
  'must be an object of from, to and by',
)

const dayMs = 86_400_000
const defaultDays = 30

/** A query, checked and completed. */
export interface CheckedUsageQuery extends UsageRange {
  readonly by: ReadonlySet<UsageDimension>
}

/** Checks a query; `today` is a day of the provider's calendar. Throws a `ConfigError` that names what is wrong. */
export function checkUsageQuery(query: UsageQuery, today: number): CheckedUsageQuery {
  check(querySchema, query, 'usage')
  const to = query.to === undefined ? today : Date.parse(query.to) / dayMs
  const from = query.from === undefined ? to - defaultDays + 1 : Date.parse(query.from) / dayMs
  if (from > to) throw new ConfigError('usage.from', 'must not come after usage.to', query.from)
  const { by = 'day' } = query
  const split = new Set(typeof by === 'string' ? [by] : by)
  const isOfModels = split.has('model') || split.has('client')
  if (isOfModels && (split.has('key') || split.has('account')))
    throw new ConfigError('usage.by', 'must not mix keys or accounts with models or clients', by)
  return { book: isOfModels ? 'models' : 'keys', from, to, by: split }
}

/** Sums up rows as they come, and makes a report of them. */
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
      this.#groups.set(name, known === undefined ? group : { ...known, ...added(known, group) })
    }
  }

  report(): UsageReport {
    const { from, to } = this.#query
    const groups = Array.from(this.#groups.values()).sort(
      (one, other) => one.day - other.day || compare(other.cost, one.cost) || other.requests - one.requests,
    )
    return { from: textOfDay(from), to: textOfDay(to), rows: groups.map((group) => this.#rowOf(group)) }
  }

  /** What is not asked for is forgotten, so that rows which differ by it become one. */
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

  #rowOf({ book, day, name, of, cost, ...sums }: StoredUsage): UsageRow {
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

/** What `name` and `of` mean in each book. */
const columns: Readonly<Record<UsageBook, readonly [UsageDimension, UsageDimension]>> = {
  keys: ['key', 'account'],
  models: ['model', 'client'],
}

const compare = (one: bigint, other: bigint): number => (one < other ? -1 : one > other ? 1 : 0)

const textOfDay = (day: number): string => new Date(day * dayMs).toISOString().slice(0, 10)
