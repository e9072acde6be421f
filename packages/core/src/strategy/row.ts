import { grown } from './seats.js'

/** Seats in a row in no promised order, which anyone joins or leaves in constant time. */
export class Row {
  /** Who stands where, and where who stands. */
  #seats = new Int32Array(0)
  #positions = new Int32Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Whoever stands there; the position must be one of the row's. */
  at(position: number): number {
    return this.#seats[position] as number
  }

  positionOf(seat: number): number {
    return this.#positions[seat] as number
  }

  push(seat: number): void {
    this.#seats = grown(this.#seats, this.#length + 1)
    this.#positions = grown(this.#positions, seat + 1)
    this.#put(seat, this.#length)
    this.#length++
  }

  /** The last of the row takes the place of whoever leaves. */
  remove(seat: number): void {
    this.#length--
    this.#put(this.at(this.#length), this.positionOf(seat))
  }

  swap(one: number, other: number): void {
    const [there, here] = [this.at(one), this.at(other)]
    this.#put(here, one)
    this.#put(there, other)
  }

  #put(seat: number, position: number): void {
    this.#seats[position] = seat
    this.#positions[seat] = position
  }
}
