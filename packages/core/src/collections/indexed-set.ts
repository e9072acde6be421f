import { growArray } from './grow-array.js'

/**
 * A row in no promised order, which anyone joins or leaves in constant time. Where everyone stands is kept by numbers
 * that members have while they are there, so that to change places touches none of them.
 */
export class IndexedSet<Member extends object> {
  readonly #members: Member[] = []
  readonly #numbers = new Map<Member, number>()
  /** Numbers of those who left. */
  readonly #free: number[] = []
  /** The number of whoever stands at a position, and the position of whoever has a number. */
  #eligibility = new Int32Array(0)
  #positions = new Int32Array(0)

  get length(): number {
    return this.#members.length
  }

  has(member: Member): boolean {
    return this.#numbers.has(member)
  }

  /** Whoever stands there; the position must be one of the row's. */
  at(position: number): Member {
    return this.#members[position] as Member
  }

  /** Joins at the end, unless it stands in the row already. */
  push(member: Member): void {
    if (this.has(member)) return
    const number = this.#free.pop() ?? this.length
    this.#numbers.set(member, number)
    this.#eligibility = growArray(this.#eligibility, this.length + 1)
    this.#positions = growArray(this.#positions, number + 1)
    this.#put(member, number, this.length)
  }

  /** The last of the row takes the place of whoever leaves. */
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
    const number = this.#eligibility[one] as number
    this.#put(this.at(other), this.#eligibility[other] as number, one)
    this.#put(member, number, other)
  }

  #put(member: Member, number: number, position: number): void {
    this.#members[position] = member
    this.#eligibility[position] = number
    this.#positions[number] = position
  }
}
