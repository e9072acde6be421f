import * as v from 'valibot'
import { ConfigError } from '../errors.js'
import type { UsageRange } from '../store/stored-usage.js'
import { check, strict } from '../validation.js'

/** What sums may be split by. Keys combine with accounts, models with clients; days combine with either. */
export type UsageDimension = 'day' | 'key' | 'account' | 'model' | 'client'

export interface UsageQuery {
  /** The first day, as in `2026-10-05`, by the provider's calendar. @default 29 days before `to` */
  readonly from?: string
  /** The last day, included. @default today */
  readonly to?: string
  /** What to split the sums by; an empty list for one sum of all. @default 'day' */
  readonly by?: UsageDimension | readonly UsageDimension[]
}

/** A checked query with its defaults filled in. */
export interface CheckedUsageQuery extends UsageRange {
  readonly by: ReadonlySet<UsageDimension>
}

const dimensions = ['day', 'key', 'account', 'model', 'client'] as const
const dimension = v.picklist(dimensions, `must be one of ${dimensions.join(', ')}`)
const dayText = v.pipe(
  v.string('must be a day as in "2026-10-05"'),
  v.isoDate('must be a day as in "2026-10-05"'),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'must be a day of the calendar'),
)
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
