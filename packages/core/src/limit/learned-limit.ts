import type { MeterWindow } from './meter-window.js'
import type { StoredLearnedLimit } from './quota-snapshot.js'

/** The level of a learned limit: what a refusal changes, and what retracted calls make it change again. */
interface Level {
  /** What the window may come to; at least 1. */
  readonly value: number
  /** The highest level that demand was held to for a whole backoff without a refusal; 0 before that. */
  readonly provenLimit: number
  /** Where the last refusal left the limit. */
  readonly lastLow: number
  /** How long calls must be blocked without a refusal before the limit grows beyond that. */
  readonly backoffMs: number
  /** The last change was upward: then blocked calls over one window are enough for the next. */
  readonly isGrowing: boolean
}

/** The refusal that lowered a learned limit last. */
interface LoweringRefusal {
  readonly at: number
  /** What was admitted when it came, as far as is known now. */
  readonly admitted: number
  /** Of that, what ended well. */
  readonly ended: number
  /** Refusals in a row that lowered the limit, with no growth between them. */
  readonly consecutive: number
  /** The level that it lowered. */
  readonly before: Level
}

/**
 * How much of one meter an account seems to have, found by its refusals alone. The limit falls to what was admitted
 * when a refusal came, and grows only while calls really are blocked by it: cautiously beyond a level that was refused,
 * with doubled steps while that goes well, and with doubled backoff when it does not. So a limit that stays is hit
 * about once an hour, and one that was raised is found within minutes of the next try.
 *
 * A value that never changes: `onBlocked`, `onRefused` and `onRetracted` give the next one, and the same object when
 * nothing changes, so that a call that is blocked again makes nothing.
 */
export interface LearnedLimit extends Level {
  /** The length of the meter's window. */
  readonly lengthMs: number
  /** The least that the limit grows by next; 0 after a refusal. */
  readonly step: number
  /** Since when calls are blocked by this value; Infinity while none has been. */
  readonly blockedSince: number
  /** Null before the first refusal, or after a restart. Retracted calls may deepen what it did. */
  readonly lastRefusal: LoweringRefusal | null
}

/** A refused call, and what the window counted without it. */
export interface CountedRefusal {
  /** When the call began. */
  readonly startedAt: number
  readonly now: number
  readonly admitted: number
  /** Of that, what ended well. */
  readonly ended: number
}

/** A refusal at less than this share of a proven limit is news; above it the proven limit stays trusted. */
const closeShare = 0.9

/** No refusal takes more than this share at once: others may use the account as well, and stop. */
const mostTaken = 0.5

/** From the third refusal in a row on our count is not the upstream's, and the limit falls at least to this share. */
const repeatedShare = 0.95

/** The first step of growth, at least one call. A small one lets few calls run into a limit that has stayed. */
const growthShare = 0.01

/** The longest backoff before the limit grows beyond a refused level, in windows: an hour for a minute meter. */
const mostBackoff = 60

const atStart = { step: 0, blockedSince: Number.POSITIVE_INFINITY, lastRefusal: null } as const

/** The limit that a first refusal leaves. */
export function firstLimit(lengthMs: number, refusal: CountedRefusal): LearnedLimit {
  const value = Number.POSITIVE_INFINITY
  const none = { lengthMs, value, provenLimit: 0, lastLow: 0, backoffMs: lengthMs, isGrowing: false }
  return onRefused({ ...none, ...atStart }, refusal)
}

/** The limit as it was before a restart, within what makes sense. */
export function restoredLimit(lengthMs: number, stored: StoredLearnedLimit): LearnedLimit {
  const value = Math.max(1, stored.value)
  const provenLimit = Math.min(stored.held, value)
  const backoffMs = Math.min(Math.max(stored.patienceMs, lengthMs), mostBackoff * lengthMs)
  return { lengthMs, value, provenLimit, lastLow: value, backoffMs, isGrowing: false, ...atStart }
}

export function storedLimit({ value, provenLimit, backoffMs }: LearnedLimit): StoredLearnedLimit {
  return { value, held: provenLimit, patienceMs: backoffMs }
}

/** Whether this much more may go beside what the window counts. What is more than the limit goes alone. */
export function admits({ value }: LearnedLimit, amount: number, total: number): boolean {
  return total + amount <= value || total === 0
}

/** The earliest instant at which `admits` may be true if nothing else is added, be it because the limit grows. */
export function admitsAt(
  limit: LearnedLimit,
  amount: number,
  window: Pick<MeterWindow, 'freeAt'>,
  now: number,
): number {
  const freeAt = fitsAt(amount, limit.value, window, now)
  const growsAt = growthAt(limit)
  if (freeAt <= growsAt) return freeAt
  const grown = limit.value + nextStep(limit, amount)
  return Math.min(freeAt, Math.max(growsAt, fitsAt(amount, grown, window, now)))
}

/** A call of this much is blocked by the limit, which grows when calls have been blocked for long enough. */
export function onBlocked(limit: LearnedLimit, amount: number, now: number): LearnedLimit {
  if (now < limit.blockedSince) return { ...limit, blockedSince: now }
  if (now < growthAt(limit)) return limit
  const step = nextStep(limit, amount)
  return {
    ...limit,
    value: limit.value + step,
    provenLimit: limit.value,
    step: 2 * step,
    isGrowing: true,
    blockedSince: Number.POSITIVE_INFINITY,
  }
}

/** A call of this much goes beyond the limit to find out whether it still holds: `factor` makes the step longer. */
export function onTried(limit: LearnedLimit, amount: number, factor: number): LearnedLimit {
  const step = Math.max(nextStep(limit, amount), Math.ceil(factor * growthShare * limit.value))
  return { ...limit, value: limit.value + step, isGrowing: true, blockedSince: Number.POSITIVE_INFINITY }
}

/** The upstream refused a call. One that was under way at the last refusal is part of the same overrun. */
export function onRefused(
  limit: LearnedLimit,
  { startedAt, now, admitted, ended }: CountedRefusal,
): LearnedLimit {
  const { lastRefusal: last, value } = limit
  // A clock that was set back must not make every refusal from now on part of that one.
  const loweredAt = Math.min(last?.at ?? Number.NEGATIVE_INFINITY, now)
  // When ended calls overfill the limit by themselves, no more was sent since: this call was on its way by then.
  if (startedAt > loweredAt && ended < value) {
    const consecutive = last === null || limit.isGrowing ? 1 : last.consecutive + 1
    return lowered(limit, { at: now, admitted, ended, consecutive, before: levelOf(limit) })
  }
  return last === null || last.at === loweredAt
    ? limit
    : { ...limit, lastRefusal: { ...last, at: loweredAt } }
}

/**
 * A call that was admitted before the last refusal turns out to have been refused as well: of many calls sent at once
 * the first refusal is heard before the others.
 */
export function onRetracted(
  limit: LearnedLimit,
  amount: number,
  reservedAt: number,
  now: number,
): LearnedLimit {
  const last = limit.lastRefusal
  if (last === null || reservedAt > last.at || now - last.at >= limit.lengthMs) return limit
  const lastRefusal = { ...last, admitted: Math.max(last.ended, last.admitted - amount) }
  return limit.isGrowing ? { ...limit, lastRefusal } : lowered(limit, lastRefusal)
}

/** When the next blocked call makes the limit grow. */
function growthAt({ blockedSince, isGrowing, lengthMs, backoffMs }: LearnedLimit): number {
  return blockedSince + (isGrowing ? lengthMs : backoffMs)
}

/** As much as the blocked call needs, but at most the limit again: a larger call goes when the window is empty. */
function nextStep({ value, step }: LearnedLimit, amount: number): number {
  return Math.ceil(Math.max(1, step, growthShare * value, Math.min(amount, value)))
}

/** From the level before the refusal to where that, as far as is known now, has to end. */
function lowered(limit: LearnedLimit, refusal: LoweringRefusal): LearnedLimit {
  const value = Math.max(1, Math.floor(levelAfter(refusal)))
  return {
    ...limit,
    value,
    provenLimit: Math.min(refusal.before.provenLimit, value),
    lastLow: value,
    backoffMs: backoffAfter(refusal.before, value, limit.lengthMs),
    isGrowing: false,
    step: 0,
    blockedSince: Number.POSITIVE_INFINITY,
    lastRefusal: refusal,
  }
}

function levelAfter({ admitted, consecutive, before }: LoweringRefusal): number {
  const { value, provenLimit } = before
  const isProven = provenLimit > 0 && provenLimit < value
  // The upstream counts less than we do. Back to what is known to be good.
  if (admitted >= value) return Math.max(isProven ? provenLimit : 0, repeatedShare * value)
  if (isProven && admitted >= closeShare * provenLimit)
    return consecutive === 1 ? Math.max(admitted, provenLimit) : provenLimit
  if (value === Number.POSITIVE_INFINITY) return admitted
  const cautious = consecutive < 3 ? admitted : Math.min(admitted, repeatedShare * value)
  return Math.max(cautious, mostTaken * value)
}

/** Only growth that failed where it failed before says that the limit has stayed. */
function backoffAfter({ lastLow, backoffMs, isGrowing }: Level, value: number, lengthMs: number): number {
  const isSamePlace = Math.abs(value - lastLow) <= Math.max(1, (1 - closeShare) * lastLow)
  if (!isSamePlace) return lengthMs
  return isGrowing ? Math.min(2 * backoffMs, mostBackoff * lengthMs) : backoffMs
}

/** A copy, so that no refusal keeps all those before it alive. */
function levelOf({ value, provenLimit, lastLow, backoffMs, isGrowing }: Level): Level {
  return { value, provenLimit, lastLow, backoffMs, isGrowing }
}

function fitsAt(amount: number, limit: number, window: Pick<MeterWindow, 'freeAt'>, now: number): number {
  return window.freeAt(Math.min(amount, limit), limit, now)
}
