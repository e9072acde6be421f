import { type AgedEntry, BoundedMap } from '../collections/bounded-map.js'
import type { StoreFaults } from '../persistence/store-faults.js'
import type { Resource } from '../provider/resource.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Store, StoredOwner } from '../store/store.js'

interface KnownOwner extends AgedEntry<KnownOwner> {
  readonly id: string
  readonly account: string
}

export interface OwnersParts {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'now'>
  readonly faults: StoreFaults
  /** Owners kept in memory. @default 20000 */
  readonly memoryLimit?: number
}

const defaultMemoryLimit = 20_000
/** Changes kept for a store that fails. Beyond it the oldest are dropped, and unknown to the next run. */
const unsavedLimit = 20_000
/** Changes written at once. */
const batchSize = 500

/**
 * Remembers which account created which resource at the upstream. An owner is known to this process at once and stored
 * right after. One that this process does not know is looked up in the store, where an earlier run or another process
 * may have put it. A failing store is reported and fails no request: what could not be written is
 * written with the next change, or soon.
 */
export class Owners {
  readonly #store: Store
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #faults: StoreFaults
  /** Known owners by id; the limit drops the least recently used. */
  readonly #known: BoundedMap<string, KnownOwner>
  /** Changes to be written: an owner, or null for an id to be forgotten. */
  readonly #unsaved = new Map<string, StoredOwner | null>()
  #isWriting = false
  #writing: Promise<void> | null = null

  constructor(parts: OwnersParts) {
    this.#store = parts.store
    this.#runtime = parts.runtime
    this.#faults = parts.faults
    parts.faults.onRetry(() => this.settled())
    this.#known = new BoundedMap({ limit: parts.memoryLimit ?? defaultMemoryLimit, keyOf: ({ id }) => id })
  }

  /** Resolves with the owner of the first id that has a known one; null when none has. Never rejects. */
  async ownerOf(ids: readonly string[]): Promise<string | null> {
    for (const id of ids) {
      const account = this.#recall(id)
      if (account !== undefined) return account
    }
    const asked = ids.filter((id) => this.#unsaved.get(id) !== null)
    return asked.length === 0 ? null : this.#lookUp(asked)
  }

  /** Records the owner of resources. Writing it has begun when this returns. */
  remember(resources: readonly Resource[], account: string): void {
    const at = this.#runtime.now()
    let isChanged = false
    for (const { id, kind } of resources) {
      if (this.#recall(id) === account) continue
      isChanged = true
      this.#keep(id, account)
      this.#unsaved.set(id, { id, account, kind, at })
    }
    if (isChanged) this.#write()
  }

  /** Forgets resources that are gone at the upstream. */
  forget(ids: readonly string[]): void {
    for (const id of ids) {
      const known = this.#known.get(id)
      if (known !== undefined) this.#known.delete(known)
      this.#unsaved.set(id, null)
    }
    if (ids.length > 0) this.#write()
  }

  /** Resolves once all changes are written, or have failed: to be awaited before the store is closed. */
  async settled(): Promise<void> {
    if (this.#unsaved.size > 0) this.#write()
    await this.#writing
  }

  #recall(id: string): string | undefined {
    const account = this.#known.get(id)?.account ?? this.#unsaved.get(id)?.account
    if (account !== undefined) this.#keep(id, account)
    return account
  }

  #keep(id: string, account: string): void {
    this.#known.add({ id, account, older: undefined, newer: undefined })
  }

  async #lookUp(ids: readonly string[]): Promise<string | null> {
    try {
      const found = await this.#store.ownersOf(ids)
      for (const id of ids) {
        // A change that was recorded while the store was being asked is newer than its answer.
        const account = this.#recall(id) ?? (this.#unsaved.has(id) ? undefined : found.get(id))
        if (account === undefined) continue
        this.#keep(id, account)
        return account
      }
    } catch (error) {
      this.#faults.report(error)
    }
    return null
  }

  #write(): void {
    for (const id of this.#unsaved.keys()) {
      if (this.#unsaved.size <= unsavedLimit) break
      this.#unsaved.delete(id)
    }
    if (this.#isWriting) return
    this.#isWriting = true
    this.#writing = this.#writeAll()
  }

  /** Writes one batch after the other: an id that was forgotten is not written again by an earlier batch. */
  async #writeAll(): Promise<void> {
    try {
      while (this.#unsaved.size > 0) {
        const batch = Array.from(this.#unsaved).slice(0, batchSize)
        await this.#writeBatch(batch)
        for (const [id, owner] of batch) if (this.#unsaved.get(id) === owner) this.#unsaved.delete(id)
      }
    } catch (error) {
      this.#faults.report(error)
    }
    // No await lies between the empty queue and this line, so that no change is missed.
    this.#isWriting = false
  }

  async #writeBatch(batch: readonly [string, StoredOwner | null][]): Promise<void> {
    const owners = batch.flatMap(([, owner]) => (owner === null ? [] : [owner]))
    const gone = batch.flatMap(([id, owner]) => (owner === null ? [id] : []))
    if (owners.length > 0) await this.#store.putOwners(owners)
    if (gone.length > 0) await this.#store.forgetOwners(gone)
  }
}
