/** A set that allocates nothing for a single item: most of 100,000 accounts have one key. */
export class SmallSet<T extends object> {
  #content: T | Set<T> | null = null

  get size(): number {
    const content = this.#content
    return content instanceof Set ? content.size : content === null ? 0 : 1
  }

  has(item: T): boolean {
    const content = this.#content
    return content instanceof Set ? content.has(item) : content === item
  }

  add(item: T): void {
    const content = this.#content
    if (content instanceof Set) content.add(item)
    else if (content === null) this.#content = item
    else if (content !== item) this.#content = new Set([content, item])
  }

  delete(item: T): void {
    if (this.#content instanceof Set) this.#content.delete(item)
    else if (this.#content === item) this.#content = null
  }

  *[Symbol.iterator](): Generator<T> {
    const content = this.#content
    if (content instanceof Set) yield* content
    else if (content !== null) yield content
  }
}
