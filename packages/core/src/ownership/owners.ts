import type { PoolEmitter } from '../events.js'
import type { Resource } from '../provider/resource.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Store, StoredOwner } from '../store/store.js'

export interface OwnersParts {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'now'>
  readonly events: PoolEmitter
  /** Owners that are known without asking the store. @default 20000 */
  readonly memoryLimit?: number
}

const defaultMemoryLimit = 20_000
/** What may wait for a store that fails; beyond it the oldest are lost to the next run. */
const unsavedLimit = 20_000
/** Written in one go. */
const batchSize = 500

/**
 * Which account created what at the upstream. Known at once to this process, written down right after, and looked up
 * in the store when this process does not know: an earlier run or another process may. A store that fails is told of
 * by `store-error` and disturbs nobody: what could not be written is tried again with the next change.
 */
export class Owners {
  readonly #store: Store
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #events: PoolEmitter
  readonly #memoryLimit: number
  /** Account by id; the first are those that were not needed for the longest time. */
  readonly #known = new Map<string, string>()
  /** Still to be written: an owner, or null for an id to be forgotten. */
  readonly #unsaved = new Map<string, StoredOwner | null>()
  #isWriting = false
  #writing: Promise<void> | null = null

  constructor(parts: OwnersParts) {
    this.#store = parts.store
    this.#runtime = parts.runtime
    this.#events = parts.events
    this.#memoryLimit = parts.memoryLimit ?? defaultMemoryLimit
  }

  /** The account that owns the first of these ids whose owner is known; null when none is. Never rejects. */
  async ownerOf(ids: readonly string[]): Promise<string | null> {
    for (const id of ids) {
      const account = this.#recall(id)
      if (account !== undefined) return account
    }
    const asked = ids.filter((id) => this.#unsaved.get(id) !== null)
    return asked.length === 0 ? null : this.#lookUp(asked)
  }

  /** Known from now on; being written when this returns. */
  remember(resources: readonly Resource[], account: string): void {
    const at = this.#runtime.now()
    let isNews = false
    for (const { id, kind } of resources) {
      if (this.#recall(id) === account) continue
      isNews = true
      this.#keep(id, account)
      this.#unsaved.set(id, { id, account, kind, at })
    }
    if (isNews) this.#write()
  }

  /** For what is gone at the upstream. */
  forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#known.delete(id)
      this.#unsaved.set(id, null)
    }
    if (ids.length > 0) this.#write()
  }

  /** Resolves once what is to be written has been, or has failed; for closing, before the store is closed. */
  async settled(): Promise<void> {
    if (this.#unsaved.size > 0) this.#write()
    await this.#writing
  }

  #recall(id: string): string | undefined {
    const account = this.#known.get(id) ?? this.#unsaved.get(id)?.account
    if (account !== undefined) this.#keep(id, account)
    return account
  }

  #keep(id: string, account: string): void {
    this.#known.delete(id)
    this.#known.set(id, account)
    if (this.#known.size <= this.#memoryLimit) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }

  async #lookUp(ids: readonly string[]): Promise<string | null> {
    try {
      const found = await this.#store.ownersOf(ids)
      for (const id of ids) {
        // What this process learned while the store was being asked is newer.
        const account = this.#recall(id) ?? (this.#unsaved.has(id) ? undefined : found.get(id))
        if (account === undefined) continue
        this.#keep(id, account)
        return account
      }
    } catch (error) {
      this.#report(error)
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

  /** One writer at a time, so that what is forgotten stays forgotten. */
  async #writeAll(): Promise<void> {
    try {
      while (this.#unsaved.size > 0) {
        const batch = Array.from(this.#unsaved).slice(0, batchSize)
        await this.#writeBatch(batch)
        for (const [id, owner] of batch) if (this.#unsaved.get(id) === owner) this.#unsaved.delete(id)
      }
    } catch (error) {
      this.#report(error)
    }
    // Set in the same turn that found nothing left, so that no change falls between two writers.
    this.#isWriting = false
  }

  async #writeBatch(batch: readonly [string, StoredOwner | null][]): Promise<void> {
    const owners = batch.flatMap(([, owner]) => (owner === null ? [] : [owner]))
    const gone = batch.flatMap(([id, owner]) => (owner === null ? [id] : []))
    if (owners.length > 0) await this.#store.putOwners(owners)
    if (gone.length > 0) await this.#store.forgetOwners(gone)
  }

  #report(error: unknown): void {
    this.#events.emit('store-error', { error: error instanceof Error ? error : new Error(String(error)) })
  }
}
