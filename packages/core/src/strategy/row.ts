import { grown, Seats } from './seats.js'

/**
 * A row in no promised order, which anyone joins or leaves in constant time. Who stands where is kept in numbers, so
 * that to change places touches nobody.
 */
export class Row<Member extends object> {
  readonly #seats = new Seats<Member>()
  /** Who stands where, and where who stands. */
  #order = new Int32Array(0)
  #positions = new Int32Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  has(member: Member): boolean {
    return this.#seats.of(member) !== undefined
  }

  /** Whoever stands there; the position must be one of the row's. */
  at(position: number): Member {
    return this.#seats.at(this.#order[position] as number)
  }

  /** Joins at the end, unless it stands in the row already. */
  push(member: Member): void {
    if (this.has(member)) return
    const seat = this.#seats.take(member)
    this.#order = grown(this.#order, this.#length + 1)
    this.#positions = grown(this.#positions, seat + 1)
    this.#put(seat, this.#length)
    this.#length++
  }

  /** The last of the row takes the place of whoever leaves. */
  remove(member: Member): void {
    const seat = this.#seats.leave(member)
    if (seat === undefined) return
    this.#length--
    this.#put(this.#order[this.#length] as number, this.#positions[seat] as number)
  }

  swap(one: number, other: number): void {
    const here = this.#order[one] as number
    this.#put(this.#order[other] as number, one)
    this.#put(here, other)
  }

  #put(seat: number, position: number): void {
    this.#order[position] = seat
    this.#positions[seat] = position
  }
}
