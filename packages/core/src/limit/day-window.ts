import type { Window } from './window.js'

const day = 86_400_000

/**
 * Two clocks are never quite the same. A call that is early by the upstream's clock costs a day's rest, so for this
 * long after midnight yesterday's calls still count.
 */
const slackMs = 5_000

/** Counts the provider's calendar day: from midnight at `offsetMs` ahead of UTC. */
export class DayWindow implements Window {
  readonly #offsetMs: number
  /** The running day, in days since the epoch where the provider lives. */
  #day = 0
  #sum = 0
  #before = 0

  constructor(offsetMs: number) {
    this.#offsetMs = offsetMs
  }

  add(amount: number, now: number): void {
    this.#roll(now)
    this.#sum += amount
  }

  /** What counts is when a call began. */
  end(): void {}

  ended(): number {
    return 0
  }

  takeBack(amount: number, addedAt: number, now: number): void {
    this.#roll(now)
    const age = this.#day - this.#dayOf(addedAt)
    if (age <= 0) this.#sum = Math.max(0, this.#sum - amount)
    else if (age === 1) this.#before = Math.max(0, this.#before - amount)
  }

  total(now: number): number {
    this.#roll(now)
    return now < this.startOf(now) + slackMs ? this.#before + this.#sum : this.#sum
  }

  freeAt(amount: number, limit: number, now: number): number {
    if (amount > limit) return Number.POSITIVE_INFINITY
    if (this.total(now) + amount <= limit) return now
    const today = this.startOf(now) + slackMs
    return now < today && this.#sum + amount <= limit ? today : today + day
  }

  startOf(now: number): number {
    return this.#dayOf(now) * day - this.#offsetMs
  }

  entries(now: number): number[] {
    this.#roll(now)
    return this.#sum > 0 ? [this.startOf(now), this.#sum] : []
  }

  #roll(now: number): void {
    const today = this.#dayOf(now)
    if (today === this.#day) return
    if (today > this.#day) {
      this.#before = today === this.#day + 1 ? this.#sum : 0
      this.#sum = 0
    } else if (today === this.#day - 1) {
      this.#sum += this.#before
      this.#before = 0
    } else {
      this.#before = 0
    }
    this.#day = today
  }

  #dayOf(at: number): number {
    return Math.floor((at + this.#offsetMs) / day)
  }
}
