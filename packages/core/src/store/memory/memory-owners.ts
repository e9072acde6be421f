import { videoLifetimeMs } from '../owner-limit.js'
import type { StoredOwner } from '../store.js'

/** Owners in memory, in the order in which they were put: the oldest first. */
export class MemoryOwners {
  readonly #limit: number
  readonly #owners = new Map<string, StoredOwner>()
  /** The owners of videos, which are forgotten first. */
  readonly #videos = new Map<string, StoredOwner>()
  #latest = Number.NEGATIVE_INFINITY

  constructor(limit: number) {
    this.#limit = limit
  }

  put(given: readonly StoredOwner[]): void {
    // Copied before anything is changed, so that a list that fails half way leaves no trace.
    const copies = given.map((owner) => Object.freeze({ ...owner }))
    for (const owner of copies) {
      this.#forget(owner.id)
      this.#owners.set(owner.id, owner)
      if (owner.kind === 'video') this.#videos.set(owner.id, owner)
      this.#latest = Math.max(this.#latest, owner.at)
    }
    this.#forgetOld()
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

  #forgetOld(): void {
    for (const [id, { at }] of this.#videos) {
      if (at >= this.#latest - videoLifetimeMs) break
      this.#forget(id)
    }
    for (const id of this.#owners.keys()) {
      if (this.#owners.size <= this.#limit) break
      this.#forget(id)
    }
  }
}
