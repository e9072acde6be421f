import type { Window } from './window.js'

/** Additions this many parts of the length apart share a slot: at most 0.4 % is counted longer than it had to be. */
const grainsPerLength = 240

/**
 * An upstream counts a call when it arrives. One that took longer on its way than a later one would otherwise still be
 * there when we think it forgotten: a refusal at each turn of a window that is always full. Also how far a clock may
 * go back without being taken for one that was set.
 */
const slackMs = 250

/** Shared by all empty windows, and never written. */
const none: number[] = []

/** Counts the last `lengthMs`, each addition for all of that and a little longer, never less. */
export class SlidingWindow implements Window {
  readonly #lengthMs: number
  /**
   * Pairs from `#first` on, oldest first: the instant of a slot's last addition, and its amount. Flat, because numbers
   * in an array take a third of what small objects take.
   */
  #slots: number[] = none
  #first = 0
  /** When the newest slot began. */
  #openedAt = 0
  #sum = 0
  /** When the oldest slot is over, and when the newest was added to: in between there is nothing to roll. */
  #overAt = 0
  #newestAt = 0

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs
  }

  add(amount: number, now: number): void {
    this.#roll(now)
    const slots = this.#slots
    const newest = slots.length - 2
    const newestAt = slots[newest]
    if (newestAt !== undefined && now - this.#openedAt < this.#lengthMs / grainsPerLength) {
      if (now > newestAt) slots[newest] = now
      slots[newest + 1] = (slots[newest + 1] ?? 0) + amount
    } else {
      this.#open(now, amount)
    }
    this.#sum += amount
    if (newestAt === undefined) this.#overAt = now + this.#lengthMs + slackMs
    this.#newestAt = Math.max(newestAt ?? 0, now)
  }

  /** What counts is when a call began. */
  end(): void {}

  ended(): number {
    return 0
  }

  takeBack(amount: number, addedAt: number, now: number): void {
    this.#roll(now)
    if (addedAt <= now - this.#lengthMs - slackMs) return
    const index = this.#slotOf(addedAt)
    const counted = this.#slots[index + 1]
    if (counted === undefined) return
    const taken = Math.min(amount, counted)
    this.#slots[index + 1] = counted - taken
    this.#sum -= taken
  }

  total(now: number): number {
    this.#roll(now)
    return this.#sum
  }

  freeAt(amount: number, limit: number, now: number): number {
    this.#roll(now)
    if (amount > limit) return Number.POSITIVE_INFINITY
    const slots = this.#slots
    let left = this.#sum
    let at = now
    for (let index = this.#first; left + amount > limit && index < slots.length; index += 2) {
      at = (slots[index] ?? now) + this.#lengthMs + slackMs
      left -= slots[index + 1] ?? 0
    }
    return at
  }

  startOf(now: number): number {
    return now - this.#lengthMs
  }

  entries(now: number): number[] {
    this.#roll(now)
    return this.#slots.slice(this.#first)
  }

  /** Forgets what is over, and takes back into the present what a clock set back has left in the future. */
  #roll(now: number): void {
    if (now < this.#overAt && now >= this.#newestAt - slackMs) return
    const slots = this.#slots
    const { length } = slots
    if (length === 0) return
    if ((slots[length - 2] ?? now) > now + slackMs) this.#redate(now)
    const over = now - this.#lengthMs - slackMs
    let first = this.#first
    while (first < length && (slots[first] ?? 0) <= over) {
      this.#sum -= slots[first + 1] ?? 0
      first += 2
    }
    if (first !== this.#first) this.#dropTo(first)
    this.#overAt = (this.#slots[this.#first] ?? 0) + this.#lengthMs + slackMs
    this.#newestAt = this.#slots.at(-2) ?? 0
  }

  #open(now: number, amount: number): void {
    // An array that grows makes room for 16 numbers more; most windows hold one slot or none.
    if (this.#slots === none) this.#slots = [now, amount]
    else this.#slots.push(now, amount)
    this.#openedAt = now
  }

  #dropTo(first: number): void {
    const slots = this.#slots
    this.#first = first
    if (first === slots.length) {
      // Gives the memory back, and the sum a fresh start where fractions have left a crumb.
      this.#slots = none
      this.#first = 0
      this.#sum = 0
    } else if (first >= 2 * grainsPerLength) {
      slots.splice(0, first)
      this.#first = 0
    }
  }

  #redate(now: number): void {
    const slots = this.#slots
    for (let index = slots.length - 2; index >= this.#first && (slots[index] ?? now) > now; index -= 2) {
      slots[index] = now
    }
    this.#openedAt = Math.min(this.#openedAt, now)
  }

  /** The first slot that ended at that instant or later; the array's length when there is none. */
  #slotOf(at: number): number {
    const slots = this.#slots
    let low = this.#first
    let high = slots.length
    while (low < high) {
      const middle = low + (((high - low) >> 2) << 1)
      if ((slots[middle] ?? at) < at) low = middle + 2
      else high = middle
    }
    return low
  }
}
