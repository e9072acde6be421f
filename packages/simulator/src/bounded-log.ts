/** The last `capacity` entries, oldest first. Appending costs O(1) on average; the array is the same object for ever. */
export class BoundedLog<Entry> {
  readonly #entries: Entry[] = []
  readonly #onDrop: (entry: Entry) => void
  #capacity: number

  constructor(capacity: number, onDrop: (entry: Entry) => void = () => {}) {
    this.#capacity = capacity
    this.#onDrop = onDrop
  }

  /** The live array; it never holds more than `capacity` entries when read through here. */
  get entries(): readonly Entry[] {
    this.#trim(0)
    return this.#entries
  }

  set capacity(capacity: number) {
    this.#capacity = capacity
    this.#trim(0)
  }

  append(entry: Entry): void {
    this.#entries.push(entry)
    // Dropping one entry at a time would move the whole array on every append.
    this.#trim(Math.ceil(this.#capacity / 8))
  }

  clear(): void {
    this.#entries.length = 0
  }

  #trim(slack: number): void {
    const excess = this.#entries.length - this.#capacity
    if (excess <= slack) return
    for (const dropped of this.#entries.splice(0, excess)) this.#onDrop(dropped)
  }
}
