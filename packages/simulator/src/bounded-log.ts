/** Keeps the last `capacity` entries, oldest first. Appending is O(1) on average, and the array object never changes. */
export class BoundedLog<Entry> {
  readonly #entries: Entry[] = []
  readonly #onDrop: (entry: Entry) => void
  #capacity: number

  constructor(capacity: number, onDrop: (entry: Entry) => void = () => {}) {
    this.#capacity = capacity
    this.#onDrop = onDrop
  }

  /** The live array, trimmed to `capacity` entries. */
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
