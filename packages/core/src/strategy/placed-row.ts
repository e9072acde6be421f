/** Something that knows where it stands in a row: -1 when it does not. */
export interface Placed {
  position: number
}

/** A row in no promised order, which anyone joins or leaves in constant time. */
export class PlacedRow<T extends Placed> {
  readonly #items: T[] = []

  get length(): number {
    return this.#items.length
  }

  /** Whoever stands there; the position must be one of the row's. */
  at(position: number): T {
    return this.#items[position] as T
  }

  push(item: T): void {
    item.position = this.#items.push(item) - 1
  }

  /** The last of the row takes the place of whoever leaves. */
  remove(item: T): void {
    this.swap(item.position, this.#items.length - 1)
    this.#items.pop()
    item.position = -1
  }

  swap(one: number, other: number): void {
    if (one === other) return
    const [there, here] = [this.at(one), this.at(other)]
    this.#put(here, one)
    this.#put(there, other)
  }

  #put(item: T, position: number): void {
    this.#items[position] = item
    item.position = position
  }
}
