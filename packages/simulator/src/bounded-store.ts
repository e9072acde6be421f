/** Stores items per owner. An owner sees only its own items. When an owner has too many, its oldest item is dropped. */
export class BoundedStore<Item extends { readonly id: string }> {
  readonly #items = new Map<string, Map<string, Item>>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  put(owner: string, item: Item): void {
    const owned = this.#items.get(owner) ?? new Map<string, Item>()
    this.#items.set(owner, owned)
    owned.set(item.id, item)
    const [oldest] = owned.keys()
    if (owned.size > this.#capacity && oldest !== undefined) owned.delete(oldest)
  }

  get(owner: string, id: string): Item | undefined {
    return this.#items.get(owner)?.get(id)
  }

  /** Removes an item. Returns whether it existed. */
  remove(owner: string, id: string): boolean {
    return this.#items.get(owner)?.delete(id) ?? false
  }

  /** Returns the owner's items, newest first. */
  list(owner: string): Item[] {
    return [...(this.#items.get(owner)?.values() ?? [])].reverse()
  }
}
