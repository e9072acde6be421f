import type { CountedRefusal } from './learned-limit.js'

/** Two refusals agree when their levels are no further from each other than this share. */
const near = 0.2

/** So much served beyond the level of a suspicion refutes it: estimates and calls under way blur the counts. */
const beyond = 1.1

/** After so many windows' worth of served calls a refusal is no neighbour of the one before it. */
const mostServed = 2

/** Strays come alone: so many calls of one overrun that are refused need no second overrun. */
const many = 3

/** So many of one overrun are a queue that met a limit, even while account after account is refused. */
const manyInDoubt = 8

/**
 * What the refusals of one meter say together. A single one may be a stray, so it sets no limit; a second one that
 * agrees with it is believed (docs/decisions/0016-limits-need-evidence.md).
 */
export class RefusalEvidence {
  /** The suspicion; null while there is none. */
  #first: CountedRefusal | null = null
  /** The last refusal after it, with what was admitted as far as is known now. */
  #last: CountedRefusal | null = null
  /** What was served of calls that began between the two, and of those that began since. */
  #between = 0
  #since = 0
  /** Refusals of the same overrun as the last one. */
  #count = 0
  /** The window of the clock that is counted, and what was served of calls that began in it. */
  #clockWindow = 0
  #inWindow = 0

  /** Whether there is a suspicion, so that served calls are worth counting. */
  get isOpen(): boolean {
    return this.#first !== null
  }

  /** The highest level of the refusals; Infinity while there is no suspicion. */
  get level(): number {
    if (this.#first === null) return Number.POSITIVE_INFINITY
    return Math.max(this.#first.admitted, this.#last?.admitted ?? 0)
  }

  close(): void {
    this.#first = null
    this.#last = null
    this.#between = 0
    this.#since = 0
  }

  /**
   * The refusal to believe, now that there is another one; null while none is. Not trusted is one of many accounts that
   * are refused alike.
   */
  refused(given: CountedRefusal, isTrusted = true): CountedRefusal | null {
    const refusal = { ...given, admitted: Math.max(1, given.admitted) }
    // A clock that was set back must not make every refusal from now on part of one that lies in the future.
    if ((this.#last ?? this.#first ?? refusal).now > refusal.now) this.close()
    const before = this.#last ?? this.#first
    // A call that was under way at the last refusal is part of the same overrun.
    if (before !== null && refusal.startedAt <= before.now)
      return ++this.#count === (isTrusted ? many : manyInDoubt)
        ? { ...before, startedAt: refusal.startedAt }
        : null
    this.#count = 1
    if (this.#first === null) {
      this.#first = refusal
      return null
    }
    // The last one had served calls before it, and did not agree: it is the suspicion now.
    if (this.#last !== null && this.#between > 0) {
      this.#first = this.#last
      this.#between = 0
    }
    this.#last = refusal
    this.#between += this.#since
    this.#since = 0
    return this.#agreed()
  }

  /**
   * A call that began before the last refusal was refused as well, so less had been admitted by then: of a burst, the
   * first refusal is heard before the others. Returns the refusal to believe, as `refused` does.
   */
  retracted(amount: number, reservedAt: number): CountedRefusal | null {
    const before = this.#last ?? this.#first
    if (before === null || reservedAt > before.now) return null
    const corrected = { ...before, admitted: Math.max(1, before.admitted - amount) }
    if (this.#last === null) this.#first = corrected
    else this.#last = corrected
    return this.#agreed()
  }

  /** A call of this amount, which began at that instant, was served. Returns the refusal to believe, too. */
  served(amount: number, startedAt: number, lengthMs: number): CountedRefusal | null {
    const first = this.#first
    if (first === null) return null
    const clockWindow = Math.floor(startedAt / lengthMs)
    if (clockWindow > this.#clockWindow) {
      this.#clockWindow = clockWindow
      this.#inWindow = 0
    }
    if (clockWindow === this.#clockWindow) this.#inWindow += amount
    if (startedAt <= first.now) return null
    const last = this.#last
    if (last !== null && startedAt <= last.now) {
      this.#between += amount
      return this.#agreed()
    }
    this.#since += amount
    // Within one window of the clock, which lies within a sliding one as well: whatever the kind, this is no limit.
    if (this.#inWindow > beyond * (last ?? first).admitted + amount) this.close()
    return null
  }

  /** Refusals with nothing served between them are one. */
  #agreed(): CountedRefusal | null {
    const first = this.#first
    const last = this.#last
    if (first === null || last === null || this.#between === 0) return null
    const level = Math.max(first.admitted, last.admitted)
    const isNear = Math.min(first.admitted, last.admitted) >= Math.min((1 - near) * level, level - 1)
    return isNear && this.#between <= mostServed * level ? { ...last, admitted: level } : null
  }
}
