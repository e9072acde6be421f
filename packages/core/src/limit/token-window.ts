import { SlidingWindow } from './sliding-window.js'
import type { Window } from './window.js'

/**
 * Tokens of the last minute, counted twice: from when a call was let in, and from when it ended. Upstreams do the one
 * or the other and nobody says which; the greater count is right for both. While calls flow the two are alike, so
 * this costs next to nothing: only after a burst must the next one wait until the first has ended long enough ago.
 */
export class TokenWindow implements Window {
  readonly #begun: SlidingWindow
  readonly #ended: SlidingWindow

  constructor(lengthMs: number) {
    this.#begun = new SlidingWindow(lengthMs)
    this.#ended = new SlidingWindow(lengthMs)
  }

  add(amount: number, now: number): void {
    this.#begun.add(amount, now)
  }

  end(amount: number, now: number): void {
    this.#ended.add(amount, now)
  }

  ended(now: number): number {
    return this.#ended.total(now)
  }

  takeBack(amount: number, addedAt: number, now: number): void {
    this.#begun.takeBack(amount, addedAt, now)
  }

  total(now: number): number {
    return Math.max(this.#begun.total(now), this.#ended.total(now))
  }

  freeAt(amount: number, limit: number, now: number): number {
    return Math.max(this.#begun.freeAt(amount, limit, now), this.#ended.freeAt(amount, limit, now))
  }

  startOf(now: number): number {
    return this.#begun.startOf(now)
  }

  entries(now: number): number[] {
    return this.#begun.entries(now)
  }
}
