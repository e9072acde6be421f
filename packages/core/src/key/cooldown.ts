import type { Meter } from './meter.js'
import type { Outcome } from './outcome.js'

/** Why an account rests on a model. */
export type CooldownReason = 'rate-limited' | 'restricted' | 'overload' | 'network' | 'timeout' | 'truncated'

/** A rest with a known end, of one account on one model. */
export interface Cooldown {
  /** The model it holds for; `''` stands for requests that name none. */
  readonly model: string
  /** When it began and when it ends, in milliseconds since the Unix epoch. */
  readonly since: number
  readonly until: number
  readonly reason: CooldownReason
  readonly meter?: Meter
  /** How many times in a row this happened without a success between; the rest grows with it. */
  readonly strikes: number
}

/** What the rest lengths depend on beside the outcome. */
export interface CooldownContext {
  readonly now: number
  /** A number in [0, 1): spreads the wake-ups of keys that were refused together. */
  readonly jitter: number
  /** Offset of the provider's calendar day from UTC, for daily meters. SiliconFlow counts in Beijing time. */
  readonly dayOffsetMs: number
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** No rest that the upstream asks for outlives this, unless a daily meter explains it (multi-day values were seen). */
const retryAfterCeilingMs = 30 * minute

/** First rest, growth limit: what we infer ourselves starts short, because it is a guess. */
const backoff = {
  restricted: { firstMs: 10 * minute, ceilingMs: day },
  overload: { firstMs: 2 * second, ceilingMs: minute },
  network: { firstMs: 2 * second, ceilingMs: minute },
  timeout: { firstMs: 5 * second, ceilingMs: 2 * minute },
  truncated: { firstMs: 2 * second, ceilingMs: minute },
} as const

/**
 * The rest that follows an outcome, or undefined when the outcome calls for none. A rest already running is never
 * shortened: the later end wins.
 */
export function nextCooldown(
  previous: Cooldown | undefined,
  outcome: Outcome,
  model: string,
  context: CooldownContext,
): Cooldown | undefined {
  const reason = cooldownReason(outcome)
  if (reason === undefined) return undefined
  // Answers to calls that were already running when the rest began tell nothing new.
  const stillResting = previous !== undefined && previous.until > context.now
  const strikes = previous === undefined ? 1 : stillResting ? previous.strikes : previous.strikes + 1
  const lengthMs =
    reason === 'rate-limited'
      ? rateLimitMs(outcome, strikes, context)
      : backoffMs(reason, strikes, context.jitter)
  const until = Math.max(context.now + Math.ceil(lengthMs), stillResting ? previous.until : 0)
  const since = stillResting ? previous.since : context.now
  return {
    model,
    since,
    until,
    reason,
    strikes,
    ...(outcome.meter === undefined ? {} : { meter: outcome.meter }),
  }
}

/** Rests that are only our guess: when nothing else is ready, such a key may still be tried. */
export function isSoft(cooldown: Cooldown): boolean {
  return cooldown.reason !== 'rate-limited' && cooldown.reason !== 'restricted'
}

function cooldownReason(outcome: Outcome): CooldownReason | undefined {
  switch (outcome.kind) {
    case 'rate-limited':
      return 'rate-limited'
    case 'rejected':
      return outcome.fault === 'permission' ? 'restricted' : undefined
    case 'upstream-error':
      return 'overload'
    case 'network-error':
      return 'network'
    case 'timeout':
      return 'timeout'
    case 'truncated':
      return 'truncated'
    default:
      return undefined
  }
}

function backoffMs(reason: keyof typeof backoff, strikes: number, jitter: number): number {
  const { firstMs, ceilingMs } = backoff[reason]
  return Math.min(firstMs * 2 ** (strikes - 1), ceilingMs) * (0.75 + jitter / 2)
}

/** Retry-After when given; else until the window of the meter can have moved on, longer on repetition. */
function rateLimitMs(
  outcome: Outcome,
  strikes: number,
  { now, jitter, dayOffsetMs }: CooldownContext,
): number {
  const { meter, retryAfterMs } = outcome
  const isDaily = meter === 'RPD' || meter === 'TPD' || meter === 'IPD'
  if (retryAfterMs !== undefined && retryAfterMs > 0) {
    return Math.min(retryAfterMs, isDaily ? day : retryAfterCeilingMs) + jitter * second
  }
  if (isDaily) return untilBoundary(now + dayOffsetMs, day) + jitter * minute
  if (meter === 'RPH') return untilBoundary(now, hour) + jitter * 10 * second
  // Blocks of about 100 s were seen on a minute meter, so a second refusal waits through one more window.
  return untilBoundary(now, minute) + jitter * 5 * second + Math.min(2 ** (strikes - 1) - 1, 10) * minute
}

function untilBoundary(now: number, windowMs: number): number {
  return windowMs - (now % windowMs)
}
