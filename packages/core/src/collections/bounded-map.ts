/** An entry of a `BoundedMap`, which links it to its neighbours by age. */
export interface AgedEntry<Entry> {
  older: Entry | undefined
  newer: Entry | undefined
}

export interface BoundedMapOptions<Key, Entry> {
  readonly limit: number
  readonly keyOf: (entry: Entry) => Key
  /** Whether the oldest entry becomes the newest instead of making room; asked once for each entry. @default never */
  readonly isSpared?: (entry: Entry) => boolean
}

/**
 * A map of at most `limit` entries: an entry that is added to a full map takes the place of the oldest. The entries form a
 * list by age, because the first key of a `Map` is found only by walking past all keys that were deleted before it.
 */
export class BoundedMap<Key, Entry extends AgedEntry<Entry>> {
  readonly #entries = new Map<Key, Entry>()
  readonly #options: BoundedMapOptions<Key, Entry>
  #oldest: Entry | undefined
  #newest: Entry | undefined

  constructor(options: BoundedMapOptions<Key, Entry>) {
    this.#options = options
  }

  get size(): number {
    return this.#entries.size
  }

  get oldest(): Entry | undefined {
    return this.#oldest
  }

  get(key: Key): Entry | undefined {
    return this.#entries.get(key)
  }

  values(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  /** Adds an entry as the newest. It replaces the entry of the same key. */
  add(entry: Entry): void {
    const key = this.#options.keyOf(entry)
    const former = this.#entries.get(key)
    if (former !== undefined) this.delete(former)
    else if (this.size >= this.#options.limit) this.#makeRoom()
    this.#entries.set(key, entry)
    this.#append(entry)
  }

  /** Makes an entry of the map the newest. */
  renew(entry: Entry): void {
    if (entry === this.#newest) return
    this.#unlink(entry)
    this.#append(entry)
  }

  /** Deletes an entry of the map. */
  delete(entry: Entry): void {
    this.#entries.delete(this.#options.keyOf(entry))
    this.#unlink(entry)
  }

  #makeRoom(): void {
    const { isSpared } = this.#options
    let asked = 0
    for (let oldest = this.#oldest; oldest !== undefined; oldest = this.#oldest) {
      if (asked++ === this.size || isSpared?.(oldest) !== true) return this.delete(oldest)
      this.renew(oldest)
    }
  }

  #append(entry: Entry): void {
    entry.older = this.#newest
    entry.newer = undefined
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  #unlink({ older, newer }: Entry): void {
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }
}
