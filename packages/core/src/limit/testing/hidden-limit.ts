/** How an upstream counts: the last minute, or the running minute of the clock. */
export type CountingKind = 'sliding' | 'calendar'

const minute = 60_000

/**
 * A meter of an upstream that does not publish its limit: an exact log, unlike anything in the code under test.
 */
export class HiddenLimit {
  limit: number
  readonly #kind: CountingKind
  #log: number[] = []
  #first = 0
  #total = 0
  #minute = 0

  constructor(kind: CountingKind, limit: number) {
    this.#kind = kind
    this.limit = limit
  }

  /** Counts the amount, or refuses it. */
  admits(amount: number, now: number): boolean {
    if (this.total(now) + amount > this.limit) return false
    this.count(amount, now)
    return true
  }

  /** Whether anything is left. */
  hasRoom(now: number): boolean {
    return this.total(now) < this.limit
  }

  count(amount: number, now: number): void {
    this.total(now)
    this.#total += amount
    if (this.#kind === 'sliding') this.#log.push(now, amount)
  }

  total(now: number): number {
    if (this.#kind === 'calendar') this.#advance(now)
    else this.#forget(now)
    return this.#total
  }

  #advance(now: number): void {
    const current = Math.floor(now / minute)
    if (current !== this.#minute) this.#total = 0
    this.#minute = current
  }

  #forget(now: number): void {
    const log = this.#log
    for (; (log[this.#first] ?? now) <= now - minute; this.#first += 2)
      this.#total -= log[this.#first + 1] ?? 0
    if (this.#first < 50_000) return
    this.#log = log.slice(this.#first)
    this.#first = 0
  }
}
