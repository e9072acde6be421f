import type { Meter } from '../outcome/meter.js'
import type { Outcome } from '../outcome/outcome.js'

/** Why an account cools down on a model. */
export type CooldownReason = 'rate-limited' | 'restricted' | 'overload' | 'network' | 'timeout' | 'truncated'

/** A cooldown with a known end, of one account on one model. */
export interface Cooldown {
  /** The model it holds for; `''` for requests that name none. */
  readonly model: string
  /** When the last refusal came and when the cooldown ends, in milliseconds since the Unix epoch. */
  readonly since: number
  readonly until: number
  readonly reason: CooldownReason
  readonly meter?: Meter
  /** When a call was last made after its end. Until one succeeds, another follows only a second later. */
  triedAt?: number
  /** The refusal of a limit that named no time, one of many while no account was served: the next success ends it. */
  readonly isDoubted?: true
  /** Consecutive failures: how often in a row this happened with no success between. The cooldown grows with it. */
  readonly strikes: number
}

/** An attempt that ended, as far as cooldowns depend on it. */
export interface EndedAttempt {
  readonly outcome: Outcome
  /** `''` when the request named none. */
  readonly model: string
  /** Milliseconds since the Unix epoch. */
  readonly startedAt: number
}

/** What the length of a cooldown depends on beside the attempt. */
export interface CooldownContext {
  readonly now: number
  /** A number in [0, 1): spreads the ends of cooldowns that began together. */
  readonly jitter: number
  /** Offset of the provider's calendar day from UTC, for daily meters. SiliconFlow counts in Beijing time. */
  readonly dayOffsetMs: number
  /** What the refusal of a limit is worth. @default 'believed' */
  readonly trust?: LimitTrust
}

/**
 * What the refusal of a limit is worth: `tested` where limits are learned, so that the next refusal shows whether this
 * one was a stray; `doubted` when account after account is refused and none is served.
 */
export type LimitTrust = 'believed' | 'tested' | 'doubted'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** The longest cooldown that the upstream may ask for (values of days were seen), unless a daily meter explains it. */
const retryAfterCeilingMs = 30 * minute

/** The first cooldown and the longest: an inferred one starts short, because it is a guess. */
const backoff = {
  restricted: { firstMs: 10 * minute, ceilingMs: day },
  overload: { firstMs: 2 * second, ceilingMs: minute },
  network: { firstMs: 2 * second, ceilingMs: minute },
  timeout: { firstMs: 5 * second, ceilingMs: 2 * minute },
  truncated: { firstMs: 2 * second, ceilingMs: minute },
} as const

/** Cooldowns that are spread so that some account finds out soon when the upstream serves again. */
const doubted = { firstMs: 2 * second, spreadMs: 28 * second }

/** After refusals in a row that name no time and may be strays: a true limit refuses again. */
const testedMs = [2 * second, 8 * second] as const

/**
 * The cooldown that follows an attempt, or undefined when its outcome calls for none. A running cooldown is never
 * shortened: the later end holds. Returns the same object when the attempt changes nothing.
 */
export function nextCooldown(
  previous: Cooldown | undefined,
  { outcome, model, startedAt }: EndedAttempt,
  context: CooldownContext,
): Cooldown | undefined {
  const reason = cooldownReason(outcome)
  if (reason === undefined) return undefined
  // A call that was under way when the cooldown began is part of the same failure, not one strike more.
  const isLate = previous !== undefined && startedAt <= previous.since
  const strikes = previous === undefined ? 1 : isLate ? previous.strikes : previous.strikes + 1
  const isDoubted = reason === 'rate-limited' && context.trust === 'doubted' && !namesTime(outcome)
  const lengthMs = isDoubted
    ? doubted.firstMs + context.jitter * doubted.spreadMs
    : reason === 'rate-limited'
      ? rateLimitMs(outcome, strikes, context)
      : backoffMs(reason, strikes, context.jitter)
  const next: Cooldown = {
    model,
    since: context.now,
    until: context.now + Math.ceil(lengthMs),
    reason,
    strikes,
    ...(isDoubted ? { isDoubted } : {}),
    ...(outcome.meter === undefined ? {} : { meter: outcome.meter }),
  }
  return previous !== undefined && previous.until > context.now ? overlap(previous, next) : next
}

/** Of two cooldowns at once the later end holds, and an explicit reason before an inferred one. */
function overlap(running: Cooldown, next: Cooldown): Cooldown {
  const isLonger = next.until > running.until
  const isReplaced = isInferred(running) !== isInferred(next) ? isInferred(running) : isLonger
  if (!isLonger && !isReplaced && next.strikes === running.strikes) return running
  const { since, strikes } = next
  return { ...(isReplaced ? next : running), since, strikes, until: Math.max(running.until, next.until) }
}

/** A limit that is over is tried by one call a second: all that wait for it would only be refused together. */
const betweenTriesMs = second

/** When the account may be asked again. */
export function endOfCooldown({ reason, until, triedAt = 0 }: Cooldown): number {
  return reason === 'rate-limited' ? Math.max(until, triedAt + betweenTriesMs) : until
}

/** Whether the upstream did not ask for the cooldown. Such a key may be tried when no other is ready. */
export function isInferred(cooldown: Cooldown): boolean {
  return cooldown.reason !== 'rate-limited' && cooldown.reason !== 'restricted'
}

/** Whether the next success of any account on the model shows that the cooldown need not last. */
export function endsWithOthers(cooldown: Cooldown): boolean {
  return isInferred(cooldown) || cooldown.isDoubted === true
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
function rateLimitMs(outcome: Outcome, refusals: number, context: CooldownContext): number {
  const { now, jitter, dayOffsetMs, trust = 'believed' } = context
  const { meter } = outcome
  const isDaily = meter === 'RPD' || meter === 'TPD' || meter === 'IPD'
  if (namesTime(outcome))
    return Math.min(outcome.retryAfterMs, isDaily ? day : retryAfterCeilingMs) + jitter * second
  const tested = trust === 'tested' ? testedMs[refusals - 1] : undefined
  if (tested !== undefined) return tested * (1 + jitter / 4)
  const strikes = trust === 'tested' ? refusals - testedMs.length : refusals
  // Refused again right after the day or the hour began: the window slides, and frees places all the time.
  if (isDaily)
    return Math.min(untilBoundary(now + dayOffsetMs, day), strikes > 1 ? hour : day) + jitter * minute
  if (meter === 'RPH')
    return Math.min(untilBoundary(now, hour), strikes > 1 ? 10 * minute : hour) + jitter * 10 * second
  // Blocks of about 100 s were seen on a minute meter, so a second refusal waits through one more window.
  return untilBoundary(now, minute) + jitter * 5 * second + Math.min(2 ** (strikes - 1) - 1, 10) * minute
}

function namesTime(outcome: Outcome): outcome is Outcome & { retryAfterMs: number } {
  return outcome.retryAfterMs !== undefined && outcome.retryAfterMs > 0
}

function untilBoundary(now: number, windowMs: number): number {
  return windowMs - (now % windowMs)
}
