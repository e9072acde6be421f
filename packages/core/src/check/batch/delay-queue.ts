interface Entry<Value> {
  readonly value: Value
  readonly dueAt: number
}

/** Entries at a time: a batch of any size needs little memory. */
const limit = 1_000

/** Values that are due later, the earliest first. */
export class DelayQueue<Value> {
  readonly #entries: Entry<Value>[] = []

  get isFull(): boolean {
    return this.#entries.length >= limit
  }

  /** When the first entry is due; undefined when there is none. */
  get nextAt(): number | undefined {
    return this.#entries[0]?.dueAt
  }

  add(value: Value, dueAt: number): void {
    let at = this.#entries.length
    while (at > 0 && (this.#entries[at - 1]?.dueAt ?? 0) > dueAt) at--
    this.#entries.splice(at, 0, { value, dueAt })
  }

  takeDue(now: number): { readonly value: Value } | undefined {
    const { nextAt } = this
    return nextAt !== undefined && nextAt <= now ? this.#entries.shift() : undefined
  }
}
