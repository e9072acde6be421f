import { growArray } from './grow-array.js'

/**
 * A set in no defined order, with access by position and constant-time insertion, removal and swap. Each member has a
 * number while it is in the set, and positions are stored by number, so that a swap looks up and reads no member: among
 * 100,000 keys a read that waits for the one before costs 140 ns. The bench is `pick`, the figure is that of
 * docs/decisions/0010-rows-of-numbers.md.
 */
export class IndexedSet<Member extends object> {
  readonly #members: Member[] = []
  readonly #numbers = new Map<Member, number>()
  /** Numbers of removed members, to be reused. */
  readonly #free: number[] = []
  /** The number of the member at each position; `#positions` is its inverse. */
  #numberAt = new Int32Array(0)
  #positions = new Int32Array(0)

  get length(): number {
    return this.#members.length
  }

  has(member: Member): boolean {
    return this.#numbers.has(member)
  }

  /** The member at a position, which must be below `length`. */
  at(position: number): Member {
    return this.#members[position] as Member
  }

  /** Adds a member at the end, unless it is in the set already. */
  push(member: Member): void {
    if (this.has(member)) return
    const number = this.#free.pop() ?? this.length
    this.#numbers.set(member, number)
    this.#numberAt = growArray(this.#numberAt, this.length + 1)
    this.#positions = growArray(this.#positions, number + 1)
    this.#put(member, number, this.length)
  }

  /** Removes a member; the last one takes its position. */
  remove(member: Member): void {
    const number = this.#numbers.get(member)
    if (number === undefined) return
    this.swap(this.#positions[number] as number, this.length - 1)
    this.#members.pop()
    this.#numbers.delete(member)
    this.#free.push(number)
  }

  swap(one: number, other: number): void {
    const member = this.at(one)
    const number = this.#numberAt[one] as number
    this.#put(this.at(other), this.#numberAt[other] as number, one)
    this.#put(member, number, other)
  }

  #put(member: Member, number: number, position: number): void {
    this.#members[position] = member
    this.#numberAt[position] = number
    this.#positions[number] = position
  }
}
