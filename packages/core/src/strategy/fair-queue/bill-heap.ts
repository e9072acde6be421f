import { growArray } from '../../collections/grow-array.js'
import { MinHeap } from '../../collections/min-heap.js'

/** Children of an entry. Four stand in one line of the processor's cache, and the heap is half as deep as with two. */
const arity = 4

/** Nobody, where a share is asked for. */
export const nobody = -1

/** What somebody owes, and when the latest turn was. */
export interface Billed {
  readonly share: number
  readonly bill: number
  readonly turn: number
}

/** What a search has come upon. */
interface Found extends Billed {
  /** Where it is in the heap; null when it is not. */
  readonly at: number | null
}

/**
 * Shares by what they owe, whoever owes least on top, and among equals whoever had the earlier turn. The bills stand
 * side by side, so that to put one in its place reads no share at all.
 */
export class BillHeap {
  #shares = new Int32Array(0)
  #bills = new Float64Array(0)
  #turns = new Float64Array(0)
  #length = 0

  get top(): number {
    return this.#length === 0 ? nobody : (this.#shares[0] as number)
  }

  push(share: number, bill: number, turn: number): void {
    const at = this.#length++
    this.#shares = growArray(this.#shares, this.#length)
    this.#bills = growArray(this.#bills, this.#length)
    this.#turns = growArray(this.#turns, this.#length)
    let hole = at
    while (hole > 0) {
      const parent = Math.floor((hole - 1) / arity)
      if (!this.#isBefore(bill, turn, parent)) break
      this.#move(parent, hole)
      hole = parent
    }
    this.#put(hole, share, bill, turn)
  }

  pop(): void {
    const last = --this.#length
    if (last > 0)
      this.#sink(this.#shares[last] as number, this.#bills[last] as number, this.#turns[last] as number)
  }

  /** Puts another in place of the top, or the same with a higher bill: cheaper than `pop` and `push`. */
  replaceTop(share: number, bill: number, turn: number): void {
    this.#sink(share, bill, turn)
  }

  /**
   * The first share in order that is meant, found by looking at no more than those before it and their children.
   * `behind` gives one that comes after another and is not in the heap.
   */
  find(
    isMeant: (share: number) => boolean,
    behind: (share: number) => Billed | undefined = () => undefined,
  ): number {
    const open = new MinHeap<Found>(
      (one, other) => one.bill < other.bill || (one.bill === other.bill && one.turn < other.turn),
    )
    const openFrom = (first: number, end: number): void => {
      for (let at = first; at < Math.min(end, this.#length); at++) open.push({ ...this.#billed(at), at })
    }
    openFrom(0, 1)
    for (let found = open.pop(); found !== undefined; found = open.pop()) {
      const { share, at } = found
      if (isMeant(share)) return share
      if (at !== null) openFrom(arity * at + 1, arity * at + 1 + arity)
      const next = behind(share)
      if (next !== undefined) open.push({ ...next, at: null })
    }
    return nobody
  }

  #billed(at: number): Billed {
    return {
      share: this.#shares[at] as number,
      bill: this.#bills[at] as number,
      turn: this.#turns[at] as number,
    }
  }

  #sink(share: number, bill: number, turn: number): void {
    const bills = this.#bills
    const turns = this.#turns
    const length = this.#length
    let hole = 0
    for (let first = 1; first < length; first = arity * hole + 1) {
      const end = Math.min(first + arity, length)
      let least = first
      let lowest = bills[first] as number
      for (let child = first + 1; child < end; child++) {
        const owed = bills[child] as number
        if (owed > lowest || (owed === lowest && (turns[child] as number) > (turns[least] as number)))
          continue
        least = child
        lowest = owed
      }
      if (lowest > bill || (lowest === bill && (turns[least] as number) > turn)) break
      this.#move(least, hole)
      hole = least
    }
    this.#put(hole, share, bill, turn)
  }

  #isBefore(bill: number, turn: number, other: number): boolean {
    const owed = this.#bills[other] as number
    return bill < owed || (bill === owed && turn < (this.#turns[other] as number))
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#shares[from] as number, this.#bills[from] as number, this.#turns[from] as number)
  }

  #put(at: number, share: number, bill: number, turn: number): void {
    this.#shares[at] = share
    this.#bills[at] = bill
    this.#turns[at] = turn
  }
}
