import { growArray } from '../../collections/grow-array.js'
import { type Billed, BillHeap, nobody } from './bill-heap.js'

/** Those who pay the same for a turn, as they were billed. */
interface Line {
  last: number
  /** How many belong to it, whether or not they stand in it. */
  members: number
}

/**
 * Shares by what they owe, whoever owes least first, and among equals whoever had the earlier turn. Those of one weight
 * pay the same for each turn, so they come due in the order in which they were billed: they stand in a line, and only
 * the first of each line is compared with others. With few weights that is next to nothing, however many shares there
 * are.
 */
export class FairQueue {
  readonly #heads = new BillHeap()
  readonly #lines = new Map<number, Line>()
  readonly #lineOf: (Line | undefined)[] = []
  #bills = new Float64Array(0)
  #turns = new Float64Array(0)
  /** Whoever stands behind each. */
  #behind = new Int32Array(0)

  get top(): number {
    return this.#heads.top
  }

  billOf(share: number): number {
    return this.#bills[share] as number
  }

  /** Takes in a share with any bill. It stands by itself until it is billed again. */
  join(share: number, weight: number, { bill, turn }: Omit<Billed, 'share'>): void {
    const line = this.#lines.get(weight) ?? { last: nobody, members: 0 }
    this.#lines.set(weight, line)
    line.members++
    this.#lineOf[share] = line
    this.#bills = growArray(this.#bills, share + 1)
    this.#turns = growArray(this.#turns, share + 1)
    this.#behind = growArray(this.#behind, share + 1)
    this.#write(share, bill, turn)
    this.#heads.push(share, bill, turn)
  }

  /** To be told of a share that was taken and will not be billed again. */
  leave(share: number, weight: number): void {
    const line = this.#lineOf[share]
    this.#lineOf[share] = undefined
    if (line !== undefined && --line.members === 0) this.#lines.delete(weight)
  }

  /** Takes the top away; whoever stands behind it comes forward. */
  take(): void {
    const share = this.top
    const next = this.#behind[share] as number
    if (next !== nobody) {
      this.#heads.replaceTop(next, this.#bills[next] as number, this.#turns[next] as number)
      return
    }
    this.#heads.pop()
    const line = this.#lineOf[share]
    if (line?.last === share) line.last = nobody
  }

  /** Bills a share that was taken. No bill may be lower than the one before it in its line. */
  bill(share: number, bill: number, turn: number): void {
    this.#write(share, bill, turn)
    const line = this.#lineOf[share] as Line
    if (line.last === nobody) this.#heads.push(share, bill, turn)
    else this.#behind[line.last] = share
    line.last = share
  }

  /** The first share in order that is meant. */
  find(isMeant: (share: number) => boolean): number {
    return this.#heads.find(isMeant, (share) => this.#billedBehind(share))
  }

  #billedBehind(before: number): Billed | undefined {
    const share = this.#behind[before] as number
    if (share === nobody) return undefined
    return { share, bill: this.#bills[share] as number, turn: this.#turns[share] as number }
  }

  #write(share: number, bill: number, turn: number): void {
    this.#bills[share] = bill
    this.#turns[share] = turn
    this.#behind[share] = nobody
  }
}
