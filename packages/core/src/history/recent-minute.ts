import type { Usage } from '../usage/usage.js'

const seconds = 60

/** What ended within the last sixty seconds, as the limits of providers count it. */
export interface MinuteRates {
  readonly requests: number
  /** Of the input and the output. */
  readonly tokens: number
  readonly images: number
}

/** Counts by second, in a ring of a minute. */
export class RecentMinute {
  /** The second that a place of the ring belongs to. */
  readonly #seconds = new Float64Array(seconds)
  readonly #requests = new Float64Array(seconds)
  readonly #tokens = new Float64Array(seconds)
  readonly #images = new Float64Array(seconds)

  addRequest(now: number): void {
    const at = this.#place(now)
    this.#requests[at] = (this.#requests[at] ?? 0) + 1
  }

  addUse(now: number, { promptTokens, completionTokens, images = 0 }: Usage): void {
    const at = this.#place(now)
    this.#tokens[at] = (this.#tokens[at] ?? 0) + promptTokens + completionTokens
    this.#images[at] = (this.#images[at] ?? 0) + images
  }

  rates(now: number): MinuteRates {
    const last = Math.floor(now / 1_000)
    const sum = { requests: 0, tokens: 0, images: 0 }
    for (let at = 0; at < seconds; at++) {
      const second = this.#seconds[at] ?? 0
      if (second > last || second <= last - seconds) continue
      sum.requests += this.#requests[at] ?? 0
      sum.tokens += this.#tokens[at] ?? 0
      sum.images += this.#images[at] ?? 0
    }
    return sum
  }

  #place(now: number): number {
    const second = Math.floor(now / 1_000)
    const at = second % seconds
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second
      this.#requests[at] = 0
      this.#tokens[at] = 0
      this.#images[at] = 0
    }
    return at
  }
}
