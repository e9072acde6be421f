import { count, listCounts } from './count.js'
import { span } from './time.js'

/** The progress of a check. */
export interface Progress {
  readonly done: number
  /** The number of keys; null when it is unknown. */
  readonly total: number | null
  readonly elapsedMs: number
  /** The number of keys by verdict so far. */
  readonly counts: ReadonlyMap<string, number>
}

/** Formats progress: `12/100 keys · 8.0/s · 11s left · 10 valid, 2 invalid`. Rate and time appear after the first key. */
export function progressLine({ done, total, elapsedMs, counts }: Progress): string {
  const parts = [total === null ? count(done, 'key') : `${number(done)}/${number(total)} keys`]
  if (done > 0 && elapsedMs > 0) {
    const perSecond = (1_000 * done) / elapsedMs
    parts.push(`${perSecond >= 100 ? Math.round(perSecond) : perSecond.toFixed(1)}/s`)
    if (total !== null && done < total) parts.push(`${span((total - done) * (elapsedMs / done))} left`)
  }
  if (counts.size > 0) parts.push(listCounts(counts))
  return parts.join(' · ')
}

const number = (amount: number): string => amount.toLocaleString('en-US')
