import type { Meter } from '../outcome/meter.js'
import { meters } from './meters.js'

/** What a restart must not forget of a learned limit. The names are those of stored data. */
export interface StoredLearnedLimit {
  readonly value: number
  /** `provenLimit` of the learned limit. */
  readonly held: number
  /** `backoffMs` of the learned limit. */
  readonly patienceMs: number
}

/** What is remembered of one meter. */
export interface StoredMeterLimit {
  /** The learned limit; null when nothing was learned. */
  readonly bound: StoredLearnedLimit | null
  /** Since when everything is counted, in milliseconds since the Unix epoch; null: ever since. */
  readonly since: number | null
  /** Instant, amount, instant, amount, oldest first. */
  readonly counted: readonly number[]
}

/** What a restart must not forget of a quota, as JSON. */
export type QuotaSnapshot = Readonly<Partial<Record<Meter, StoredMeterLimit>>>

/** The meters of a snapshot that make sense. Another version may have written it, so anything else is left out. */
export function readQuotaSnapshot(snapshot: QuotaSnapshot): [Meter, StoredMeterLimit][] {
  return meters.flatMap((meter): [Meter, StoredMeterLimit][] => {
    const stored: Partial<StoredMeterLimit> | null | undefined = snapshot[meter]
    if (typeof stored !== 'object' || stored === null) return []
    const { bound = null, since = null, counted = [] } = stored
    const isSound =
      (since === null || isAmount(since)) &&
      Array.isArray(counted) &&
      counted.every(isAmount) &&
      (bound === null || [bound.value, bound.held, bound.patienceMs].every(isAmount))
    return isSound ? [[meter, { bound, since, counted }]] : []
  })
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
