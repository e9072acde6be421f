import { type ErrorCode, isForPerson, KeyPoolError } from '../errors.js'
import type { Eligibility } from './request-eligibility.js'

/** Why no key can serve a request now. */
export interface Refusal {
  /** Tells a refusal from a `Grant`. */
  readonly kind: 'refusal'
  readonly code: Extract<
    ErrorCode,
    | 'no_keys'
    | 'all_keys_cooling'
    | 'all_keys_exhausted'
    | 'all_keys_invalid'
    | 'queue_full'
    | 'pool_closed'
    | 'store_failed'
  >
  readonly message: string
  /** Milliseconds until the first key is free again; undefined while unknown. */
  readonly retryAfterMs: number | undefined
  /** When the clock frees a key, in milliseconds since the Unix epoch; Infinity when it will free none. */
  readonly freeAt: number
  /** Whether a key is only busy, so that the end of another call may free it at any moment. */
  readonly isBusy: boolean
}

export const closedRefusal: Refusal = {
  kind: 'refusal',
  code: 'pool_closed',
  message: 'The pool is closed',
  retryAfterMs: undefined,
  freeAt: Number.POSITIVE_INFINITY,
  isBusy: false,
}

/** Makes an error of a refusal, with what is left of its time. */
export function refusalError(refusal: Refusal, now: number, attempts?: number): KeyPoolError {
  const { code, message, freeAt } = refusal
  const freeInMs = Number.isFinite(freeAt) ? Math.max(freeAt - now, 1) : refusal.retryAfterMs
  // Nobody should wait for what only a person can mend, although keys in trouble are asked again by themselves.
  const retryAfterMs = isForPerson(code) ? undefined : freeInMs
  const hint = code === 'all_keys_cooling' && retryAfterMs !== undefined
  return new KeyPoolError(
    code,
    hint ? `${message}; the first is free in ${Math.ceil(retryAfterMs / 1000)} s` : message,
    {
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(attempts === undefined ? {} : { attempts }),
    },
  )
}

/** Makes the refusal for a pool of which every place is taken that the option grants. */
export function busyRefusal(option: string): Refusal {
  return {
    kind: 'refusal',
    code: 'queue_full',
    message: `As many calls run as the option ${option} allows; try again when one of them has ended`,
    retryAfterMs: undefined,
    freeAt: Number.POSITIVE_INFINITY,
    isBusy: true,
  }
}

/** Makes the refusal of keys that are all ineligible. It reads every eligibility, so it belongs on the path of failure only. */
export function refusalFor(eligibilities: Iterable<Eligibility>, model: string, now: number): Refusal {
  const counts = new ReasonCounts()
  for (const eligibility of eligibilities) counts.add(eligibility)
  return (
    noKeyRefusal(counts, model) ??
    coolingRefusal(counts, model, now) ??
    exhaustedRefusal(counts, now) ??
    invalidRefusal(counts, now)
  )
}

/** How many keys are ineligible for each reason, and when the first of them is free. */
class ReasonCounts {
  readonly #counts = new Map<Eligibility['why'], number>()
  readonly #ends = new Map<Eligibility['why'], number>()
  total = 0

  add({ why, until }: Eligibility): void {
    this.total++
    this.#counts.set(why, this.count(why) + 1)
    if (until !== null) this.#ends.set(why, Math.min(this.#ends.get(why) ?? Number.POSITIVE_INFINITY, until))
  }

  count(...reasons: readonly Eligibility['why'][]): number {
    return reasons.reduce((sum, why) => sum + (this.#counts.get(why) ?? 0), 0)
  }

  end(...reasons: readonly Eligibility['why'][]): number {
    return Math.min(...reasons.map((why) => this.#ends.get(why) ?? Number.POSITIVE_INFINITY))
  }
}

/** The operator has left no key in service for the request. */
function noKeyRefusal(counts: ReasonCounts, model: string): Refusal | undefined {
  const { total } = counts
  const disabled = counts.count('disabled')
  const unselected = counts.count('unselected')
  const barred = counts.count('not-allowed')
  if (total === 0) return refuse('no_keys', 'The pool has no keys. Add one with: sfpool add <key>')
  if (disabled === total)
    return refuse('no_keys', `All ${total} keys are disabled. Enable one with: sfpool enable <id>`)
  if (disabled + unselected === total)
    return refuse('no_keys', `The key mode leaves none of ${total} keys. Change the option mode or selected`)
  if (counts.count('other-account') === total)
    return refuse('no_keys', 'The account that owns what the request names has no key in the pool any more')
  if (disabled + unselected + barred + counts.count('other-account') < total) return undefined
  return refuse(
    'no_keys',
    `No key may serve ${model || 'requests without a model'} by the option rules.models`,
  )
}

/** A key will be free by the clock, or when another call ends. */
function coolingRefusal(counts: ReasonCounts, model: string, now: number): Refusal | undefined {
  const timed = ['cooling', 'inferred-cooldown', 'limited', 'paced'] as const
  const waiting = counts.count(...timed, 'probing', 'busy', 'tried', null)
  if (waiting === 0) return undefined
  const end = counts.end(...timed)
  const isBusy = counts.count('busy', 'probing') > 0
  const on = model === '' ? '' : ` on ${model}`
  // Larger than a limit of every account, the request would not fit at any later time, either.
  if (end === Number.POSITIVE_INFINITY && counts.count('limited') === waiting)
    return refuse(
      'all_keys_cooling',
      `The request needs more${on} than the limits of any account allow at once`,
    )
  if (end === Number.POSITIVE_INFINITY && counts.count('busy') > 0) {
    const message = `Every usable key is busy: as many calls run${on} as limits.concurrency allows. Try again when one has ended`
    return { ...refuse('queue_full', message), isBusy }
  }
  const retryAfterMs = Math.max(Number.isFinite(end) ? end - now : unknownMs, 1)
  return {
    ...refuse('all_keys_cooling', `Every usable key is cooling${on}`, retryAfterMs),
    freeAt: end,
    isBusy,
  }
}

/** A guess at when the trial of another request is over. */
const unknownMs = 1_000

function exhaustedRefusal(counts: ReasonCounts, now: number): Refusal | undefined {
  if (counts.count('exhausted') === 0) return undefined
  const message = 'No account has balance left. Top one up, then run: sfpool enable <id>'
  const end = counts.end('exhausted')
  return refuse('all_keys_exhausted', message, Number.isFinite(end) ? Math.max(end - now, 1) : undefined)
}

function invalidRefusal(counts: ReasonCounts, now: number): Refusal {
  const suspected = counts.count('refused', 'failing')
  const enabled = counts.count('invalid') + suspected
  const end = counts.end('refused', 'failing')
  const advice = suspected > 0 ? `${suspected} of them will be asked again by themselves. ` : ''
  return refuse(
    'all_keys_invalid',
    `All ${enabled} enabled keys are refused by the upstream. ${advice}See why with: sfpool list`,
    Number.isFinite(end) ? Math.max(end - now, unknownMs) : undefined,
  )
}

const refuse = (code: Refusal['code'], message: string, retryAfterMs?: number): Refusal => ({
  kind: 'refusal',
  code,
  message,
  retryAfterMs,
  freeAt: Number.POSITIVE_INFINITY,
  isBusy: false,
})
