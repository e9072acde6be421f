// @ts-check
import { seededRandom } from '@sfpool/simulator'

/** The resolution of the clock in milliseconds: events within one grain happen at the same instant. */
export const grainMs = 100

/**
 * A clock that jumps from event to event, so that a day passes in seconds. `runtime` is the runtime for a pool. Events run
 * in the order of time, and between two instants all settled promises are processed.
 */
export class VirtualTime {
  /** @type {Map<number, (() => void)[]>} */
  #events = new Map()
  #instants = new InstantQueue()
  #now
  #random

  /** @param {{ startAt: number, seed: number }} options */
  constructor({ startAt, seed }) {
    this.#now = startAt
    this.#random = seededRandom(seed)
    this.runtime = {
      now: () => this.#now,
      random: this.#random,
      setTimer: (/** @type {() => void} */ run, /** @type {number} */ delayMs) => {
        const timer = { isOff: false }
        this.at(this.#now + delayMs, () => {
          if (!timer.isOff) run()
        })
        return timer
      },
      clearTimer: (/** @type {unknown} */ timer) => {
        if (timer !== undefined) Object.assign(/** @type {object} */ (timer), { isOff: true })
      },
    }
  }

  now() {
    return this.#now
  }

  random() {
    return this.#random()
  }

  /**
   * @param {number} instant not before now; rounded up to a grain
   * @param {() => void} run
   */
  at(instant, run) {
    const due = Math.max(Math.ceil(instant / grainMs) * grainMs, this.#now)
    const events = this.#events.get(due)
    if (events !== undefined) return void events.push(run)
    this.#events.set(due, [run])
    this.#instants.add(due)
  }

  /** @param {number} end */
  async runUntil(end) {
    for (
      let next = this.#instants.first();
      next !== undefined && next <= end;
      next = this.#instants.first()
    ) {
      this.#now = next
      // Events of this instant, and the promises they settle, may add events to the same instant.
      for (
        let events = this.#events.get(next) ?? [];
        events.length > 0;
        events = this.#events.get(next) ?? []
      ) {
        this.#events.set(next, [])
        for (const run of events) run()
        await promisesSettled()
      }
      this.#events.delete(next)
      this.#instants.removeFirst()
    }
    this.#now = end
  }
}

const promisesSettled = () => new Promise((resolve) => setImmediate(resolve))

/** A binary heap of numbers. */
class InstantQueue {
  /** @type {number[]} */
  #heap = []

  first() {
    return this.#heap[0]
  }

  /** @param {number} instant */
  add(instant) {
    const heap = this.#heap
    let at = heap.push(instant) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (/** @type {number} */ (heap[parent]) <= instant) break
      heap[at] = /** @type {number} */ (heap[parent])
      at = parent
    }
    heap[at] = instant
  }

  removeFirst() {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && Number(heap[child + 1]) < Number(heap[child])) child++
      if (Number(heap[child]) >= last) break
      heap[at] = /** @type {number} */ (heap[child])
      at = child
    }
    heap[at] = last
  }
}
