interface Postponement<Subject> {
  readonly value: Subject
  readonly dueAt: number
}

/** More than these are not put off at a time: a batch of any size stays small. */
const limit = 1_000

/** What is to be done later, the earliest first. */
export class DelayQueue<Subject> {
  readonly #entries: Postponement<Subject>[] = []

  get isFull(): boolean {
    return this.#entries.length >= limit
  }

  /** When the first of them is due; undefined when there is none. */
  get nextAt(): number | undefined {
    return this.#entries[0]?.dueAt
  }

  add(value: Subject, dueAt: number): void {
    let at = this.#entries.length
    while (at > 0 && (this.#entries[at - 1]?.dueAt ?? 0) > dueAt) at--
    this.#entries.splice(at, 0, { value, dueAt })
  }

  takeDue(now: number): { readonly value: Subject } | undefined {
    const { nextAt } = this
    return nextAt !== undefined && nextAt <= now ? this.#entries.shift() : undefined
  }
}
