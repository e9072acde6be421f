import { type ErrorCode, KeyPoolError } from '../errors.js'
import type { Eligibility } from './request-eligibility.js'

/** Why no key can be leased now. */
export interface Refusal {
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
  /** Until the first key is free again, when that is known. */
  readonly retryAfterMs: number | undefined
  /** When the clock frees a key, in milliseconds since the Unix epoch; Infinity when it will free none. */
  readonly freeAt: number
  /** Whether some key is only busy, so that the end of another call may free it at any moment. */
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

/** The refusal as an error, at the moment at which it is answered with. */
export function refusalError(refusal: Refusal, now: number, attempts?: number): KeyPoolError {
  const { code, message, freeAt } = refusal
  const retryAfterMs = Number.isFinite(freeAt) ? Math.max(freeAt - now, 1) : refusal.retryAfterMs
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

/** Every place that `limits.concurrency.pool` or `pacing` grants is taken. */
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

/** How many keys stand how to a request, and when the first of each kind is free. */
class Tally {
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

/** Looks at how every key stands, so it belongs on the path of failure only. */
export function refusalFor(eligibilities: Iterable<Eligibility>, model: string, now: number): Refusal {
  const tally = new Tally()
  for (const eligibility of eligibilities) tally.add(eligibility)
  return (
    nobodyAtAll(tally, model) ??
    nobodyYet(tally, model, now) ??
    nobodyForMoney(tally, now) ??
    nobodyAccepted(tally, now)
  )
}

function nobodyAtAll(tally: Tally, model: string): Refusal | undefined {
  const { total } = tally
  const disabled = tally.count('disabled')
  const unselected = tally.count('unselected')
  const barred = tally.count('not-allowed')
  if (total === 0) return refuse('no_keys', 'The pool has no keys. Add one with: sfpool add <key>')
  if (disabled === total)
    return refuse('no_keys', `All ${total} keys are disabled. Enable one with: sfpool enable <id>`)
  if (disabled + unselected === total)
    return refuse('no_keys', `The key mode leaves none of ${total} keys. Change the option mode or selected`)
  if (tally.count('other-account') === total)
    return refuse('no_keys', 'The account that owns what the request names has no key in the pool any more')
  if (disabled + unselected + barred + tally.count('other-account') < total) return undefined
  return refuse(
    'no_keys',
    `No key may serve ${model || 'requests without a model'} by the option rules.models`,
  )
}

/** Somebody will be free by the clock, or when another call ends. */
function nobodyYet(tally: Tally, model: string, now: number): Refusal | undefined {
  const waiting = tally.count(
    'cooling',
    'inferred-cooldown',
    'limited',
    'paced',
    'probing',
    'busy',
    'tried',
    null,
  )
  if (waiting === 0) return undefined
  const end = tally.end('cooling', 'inferred-cooldown', 'limited', 'paced')
  const isBusy = tally.count('busy', 'probing') > 0
  const on = model === '' ? '' : ` on ${model}`
  // To come again later would be no use.
  if (end === Number.POSITIVE_INFINITY && tally.count('limited') === waiting)
    return refuse(
      'all_keys_cooling',
      `The request needs more${on} than the limits of any account allow at once`,
    )
  if (end === Number.POSITIVE_INFINITY && tally.count('busy') > 0) {
    const message = `Every usable key is busy: as many calls run${on} as limits.concurrency allows. Try again when one has ended`
    return { kind: 'refusal', code: 'queue_full', message, retryAfterMs: undefined, freeAt: end, isBusy }
  }
  const retryAfterMs = Math.max(Number.isFinite(end) ? end - now : unknownMs, 1)
  return {
    kind: 'refusal',
    code: 'all_keys_cooling',
    message: `Every usable key is cooling${on}`,
    retryAfterMs,
    freeAt: end,
    isBusy,
  }
}

/** A guess at when somebody else's trial is over. */
const unknownMs = 1_000

function nobodyForMoney(tally: Tally, now: number): Refusal | undefined {
  if (tally.count('exhausted') === 0) return undefined
  const message = 'No account has balance left. Top one up, then run: sfpool enable <id>'
  const end = tally.end('exhausted')
  return refuse('all_keys_exhausted', message, Number.isFinite(end) ? Math.max(end - now, 1) : undefined)
}

function nobodyAccepted(tally: Tally, now: number): Refusal {
  const doubted = tally.count('refused', 'failing')
  const enabled = tally.count('invalid') + doubted
  const end = tally.end('refused', 'failing')
  const advice = doubted > 0 ? `${doubted} of them will be asked again by themselves. ` : ''
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
