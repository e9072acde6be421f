/** Things that belong to one account each; other accounts do not see them. The oldest of an account make room. */
export class OwnedShelf<Thing extends { readonly id: string }> {
  readonly #things = new Map<string, Map<string, Thing>>()
  readonly #capacity: number

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  put(owner: string, thing: Thing): void {
    const owned = this.#things.get(owner) ?? new Map<string, Thing>()
    this.#things.set(owner, owned)
    owned.set(thing.id, thing)
    const [oldest] = owned.keys()
    if (owned.size > this.#capacity && oldest !== undefined) owned.delete(oldest)
  }

  get(owner: string, id: string): Thing | undefined {
    return this.#things.get(owner)?.get(id)
  }

  /** Whether there was such a thing. */
  remove(owner: string, id: string): boolean {
    return this.#things.get(owner)?.delete(id) ?? false
  }

  /** Newest first. */
  list(owner: string): Thing[] {
    return [...(this.#things.get(owner)?.values() ?? [])].reverse()
  }
}
