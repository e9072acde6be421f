import { type StoredOwner, videoLifetimeMs } from '../store.js'

/** Owners in memory, in the order in which they were put: the first are the oldest. */
export class MemoryOwners {
  readonly #limit: number
  readonly #owners = new Map<string, StoredOwner>()
  /** The videos among them, which are the first to go. */
  readonly #videos = new Map<string, StoredOwner>()
  #youngest = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.#limit = limit
  }

  put(given: readonly StoredOwner[]): void {
    // Copied before anything is touched, so a list that fails half way leaves no trace.
    const copies = given.map((owner) => Object.freeze({ ...owner }))
    for (const owner of copies) {
      this.#forget(owner.id)
      this.#owners.set(owner.id, owner)
      if (owner.kind === 'video') this.#videos.set(owner.id, owner)
      this.#youngest = Math.max(this.#youngest, owner.at)
    }
    this.#makeRoom()
  }

  of(ids: readonly string[]): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const id of ids) {
      const owner = this.#owners.get(id)
      if (owner !== undefined) found.set(id, owner.account)
    }
    return found
  }

  forget(ids: readonly string[]): void {
    for (const id of ids) this.#forget(id)
  }

  #forget(id: string): void {
    this.#owners.delete(id)
    this.#videos.delete(id)
  }

  #makeRoom(): void {
    for (const [id, { at }] of this.#videos) {
      if (at >= this.#youngest - videoLifetimeMs) break
      this.#forget(id)
    }
    for (const id of this.#owners.keys()) {
      if (this.#owners.size <= this.#limit) break
      this.#forget(id)
    }
  }
}
