const minute = 60_000

/**
 * How much happened in about the last minute, in three numbers: the running minute, and of the one before it the part
 * that is not yet a minute ago. What is taken back is added with a minus.
 */
export class RecentRate {
  #minute = 0
  #amount = 0
  #before = 0

  add(amount: number, now: number): void {
    this.#turn(now)
    this.#amount += amount
  }

  /** Never negative. */
  perMinute(now: number): number {
    this.#turn(now)
    return Math.max(0, this.#amount + this.#before * (1 - (now - this.#minute * minute) / minute))
  }

  #turn(now: number): void {
    const current = Math.floor(now / minute)
    if (current === this.#minute) return
    if (current < this.#minute) {
      // A clock that was set back: what was counted has just happened, whatever it is called now.
      this.#amount += this.#before
      this.#before = 0
    } else {
      this.#before = current === this.#minute + 1 ? this.#amount : 0
      this.#amount = 0
    }
    this.#minute = current
  }
}
