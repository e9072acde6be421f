import type { MeterWindow } from './meter-window.js'

/** What a restart must not forget of a bound. */
export interface LearnedLimitState {
  readonly value: number
  readonly held: number
  readonly patienceMs: number
}

/** A refused call, and what the window counted without it. */
export interface CountedRefusal {
  readonly startedAt: number
  readonly now: number
  readonly admitted: number
  /** Of that, what ended well. */
  readonly ended: number
}

/** How a bound stood when it fell. */
interface Fall {
  readonly value: number
  readonly held: number
  readonly place: number
  readonly patienceMs: number
  readonly wasClimbing: boolean
  readonly ended: number
}

/** A refusal at less than this share of a level that held for long is news; above it the old level stays trusted. */
const closeShare = 0.9

/** No refusal takes more than this share at once: someone else may use the account as well, and stop. */
const mostTaken = 0.5

/** From the third refusal in a row on our count is not the upstream's, and the bound falls at least to this share. */
const repeatedShare = 0.95

/** The first step of a try, at least one call. A small one lets few calls run into a limit that has stayed. */
const growthShare = 0.01

/** The longest wait before the next try beyond a known limit, in windows: an hour for a minute meter. */
const mostPatience = 60

/**
 * How much of one meter an account seems to have, found by its refusals alone. It falls to what was admitted when a
 * refusal came, and grows only while calls really are held back by it: cautiously beyond a level that was refused,
 * with doubled steps while that goes well, and with doubled patience when it does not. So a limit that stays is hit
 * about once an hour, and one that was raised is found within minutes of the next try.
 */
export class LearnedLimit {
  readonly #lengthMs: number
  #value: number
  /** The level that calls pressed against for a whole quiet time without a refusal; 0 before that. */
  #held = 0
  #step = 0
  /** How long calls must press without a refusal before the next try. */
  #patienceMs: number
  /** Whether the last change was upward: then one window is long enough for the next. */
  #isClimbing = false
  /** Since when calls press against this value; Infinity while none has. */
  #pressedAt = Number.POSITIVE_INFINITY
  #loweredAt = Number.NEGATIVE_INFINITY
  /** Where the last fall ended. */
  #place = 0
  /** Falls since the bound last grew, or ever. */
  #falls = 0
  /** The last fall, which refusals that come in after it may deepen. */
  #last: Fall | null = null
  /** What was admitted when it came, as far as is known now. */
  #admitted = 0

  private constructor(lengthMs: number, value: number) {
    this.#lengthMs = lengthMs
    this.#patienceMs = lengthMs
    this.#value = value
  }

  /** The bound that a first refusal leaves. */
  static atRefusal(lengthMs: number, refusal: CountedRefusal): LearnedLimit {
    const bound = new LearnedLimit(lengthMs, Number.POSITIVE_INFINITY)
    bound.refuse(refusal)
    return bound
  }

  static restore(lengthMs: number, { value, held, patienceMs }: LearnedLimitState): LearnedLimit {
    const bound = new LearnedLimit(lengthMs, Math.max(1, value))
    bound.#place = bound.#value
    bound.#held = Math.min(held, bound.#value)
    bound.#patienceMs = Math.min(Math.max(patienceMs, lengthMs), mostPatience * lengthMs)
    return bound
  }

  /** At least 1. */
  get value(): number {
    return this.#value
  }

  get state(): LearnedLimitState {
    return { value: this.#value, held: this.#held, patienceMs: this.#patienceMs }
  }

  /** Whether this much more may go beside what the window counts. What is more than the bound goes alone. */
  admits(amount: number, total: number): boolean {
    return total + amount <= this.#value || total === 0
  }

  /**
   * A call of this much is held back by the bound. When calls have pressed against it for long enough, it grows: true
   * when the call may go after all.
   */
  press(amount: number, total: number, now: number): boolean {
    if (now < this.#pressedAt) this.#pressedAt = now
    if (now < this.#growsAt) return false
    this.#grow(amount)
    return this.admits(amount, total)
  }

  /** The earliest instant at which `admits` may say yes if nothing else is added. */
  freeAt(amount: number, window: Pick<MeterWindow, 'freeAt'>, now: number): number {
    const freeAt = roomAt(amount, this.#value, window, now)
    if (freeAt <= this.#growsAt) return freeAt
    const grown = this.#value + this.#nextStep(amount)
    return Math.min(freeAt, Math.max(this.#growsAt, roomAt(amount, grown, window, now)))
  }

  /** Says whether the bound changed. A call that was under way at the last fall is part of the same trouble. */
  refuse({ startedAt, now, admitted, ended }: CountedRefusal): boolean {
    this.#loweredAt = Math.min(this.#loweredAt, now)
    // When calls have ended that overfill the bound by themselves, no more was sent: this one was on its way by then.
    if (startedAt <= this.#loweredAt || ended >= this.#value) return false
    const before = this.#value
    this.#falls = this.#isClimbing ? 1 : this.#falls + 1
    this.#last = {
      value: before,
      held: this.#held,
      place: this.#place,
      patienceMs: this.#patienceMs,
      wasClimbing: this.#isClimbing,
      ended,
    }
    this.#admitted = admitted
    this.#loweredAt = now
    this.#fall(this.#last)
    return this.#value !== before
  }

  /**
   * Something that was counted when the bound fell turns out to have been refused as well: of many calls sent at once
   * the first refusal is heard before the others.
   */
  retract(amount: number, reservedAt: number, now: number): void {
    const last = this.#last
    if (last === null || reservedAt > this.#loweredAt || now - this.#loweredAt >= this.#lengthMs) return
    this.#admitted = Math.max(last.ended, this.#admitted - amount)
    if (!this.#isClimbing) this.#fall(last)
  }

  get #growsAt(): number {
    return this.#pressedAt + (this.#isClimbing ? this.#lengthMs : this.#patienceMs)
  }

  #grow(amount: number): void {
    const step = this.#nextStep(amount)
    this.#held = this.#value
    this.#value += step
    this.#step = 2 * step
    this.#isClimbing = true
    this.#pressedAt = Number.POSITIVE_INFINITY
  }

  /** Room for the call that is held back, but not for a giant: that one goes when the window is empty. */
  #nextStep(amount: number): number {
    return Math.ceil(Math.max(1, this.#step, growthShare * this.#value, Math.min(amount, this.#value)))
  }

  /** From where it stood before its last fall to where that, as far as is known now, has to end. */
  #fall(last: Fall): void {
    this.#value = Math.max(1, Math.floor(this.#lowered(last)))
    this.#held = Math.min(last.held, this.#value)
    this.#place = this.#value
    this.#patienceMs = this.#patienceAfter(last)
    this.#step = 0
    this.#isClimbing = false
    this.#pressedAt = Number.POSITIVE_INFINITY
  }

  #lowered({ value, held }: Fall): number {
    const admitted = this.#admitted
    const isProven = held > 0 && held < value
    // The upstream counts less than we do. Back to what is known to be good.
    if (admitted >= value) return Math.max(isProven ? held : 0, repeatedShare * value)
    if (isProven && admitted >= closeShare * held) return this.#falls === 1 ? Math.max(admitted, held) : held
    if (value === Number.POSITIVE_INFINITY) return admitted
    const cautious = this.#falls < 3 ? admitted : Math.min(admitted, repeatedShare * value)
    return Math.max(cautious, mostTaken * value)
  }

  /** Only a try that failed where one failed before says that the limit has stayed. */
  #patienceAfter({ place, patienceMs, wasClimbing }: Fall): number {
    const isSamePlace = Math.abs(this.#value - place) <= Math.max(1, (1 - closeShare) * place)
    if (!isSamePlace) return this.#lengthMs
    return wasClimbing ? Math.min(2 * patienceMs, mostPatience * this.#lengthMs) : patienceMs
  }
}

function roomAt(amount: number, bound: number, window: Pick<MeterWindow, 'freeAt'>, now: number): number {
  return window.freeAt(Math.min(amount, bound), bound, now)
}
