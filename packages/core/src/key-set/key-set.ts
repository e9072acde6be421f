import { ConfigError } from '../errors.js'
import type { PoolEmitter } from '../events.js'
import { ready } from '../key/account-health.js'
import { fingerprint } from '../key/fingerprint.js'
import type { Key, KeyInput } from '../key/key.js'
import { type KeyView, type ViewContext, viewOf } from '../key/key-view.js'
import { revealSecret } from '../key/secret.js'
import type { Keyring } from '../keyring/keyring.js'
import type { Provider } from '../provider/provider.js'
import type { Runtime } from '../runtime/runtime.js'
import { hasAny, type KeyMode } from '../selection/rules.js'
import { checkModeInput } from '../selection/rules-schema.js'
import type { Store, StoredKey } from '../store/store.js'
import { adoptStoredKeys } from './adopt-stored-keys.js'
import { enterBalances } from './enter-balances.js'
import { inTurns } from './in-turns.js'
import { filterKeys, type KeyFilter } from './key-filter.js'
import { checkKeyChanges, checkKeyInput, type KeyChanges } from './key-input.js'
import { selectKeys, unknownKey } from './key-selector.js'
import { listOf, type OneOrMore } from './list-of.js'
import { applyStored, changedKey, keyFrom, newKey, storedKey } from './stored-keys.js'

export interface AddReport {
  readonly added: readonly KeyView[]
  /** Keys that the pool already holds, or that the input holds twice. */
  readonly duplicates: readonly KeyView[]
  /** Position in the input, and the rule that the key broke. */
  readonly rejected: readonly { readonly index: number; readonly reason: string }[]
}

/** A key with its token in clear. Only `export` returns it. */
export interface ExportedKey extends KeyView {
  readonly secret: string
}

export interface KeySetParts {
  readonly keyring: Keyring
  readonly store: Store
  readonly provider: Provider
  readonly runtime: Runtime
  readonly events: PoolEmitter
  /** Resolves when the stored keys are loaded. */
  readonly loaded: () => Promise<void>
}

/**
 * The keys of a pool, as `pool.keys`. A change is durable when its promise resolves, and has changed nothing when it
 * rejects. Before `pool.ready` resolves, the keys that can be read are incomplete.
 */
export class KeySet {
  readonly #parts: KeySetParts
  #lastChange: Promise<unknown> = Promise.resolve()

  constructor(parts: KeySetParts) {
    this.#parts = parts
  }

  /**
   * Adds one key or several, each a token or an object. Keys that the pool already holds are reported, not changed; invalid ones are
   * reported, and the others still added. Rejects with `store_failed` when the keys cannot be stored: then none is
   * added.
   */
  async add(inputs: OneOrMore<string | KeyInput>): Promise<AddReport> {
    const { accepted, rejected } = await this.#checked(Array.from(listOf(inputs)))
    const { keyring, store, provider, runtime } = this.#parts
    return this.#serialised(async () => {
      const fresh = new Map<string, KeyInput>()
      const duplicates: string[] = []
      await inTurns(accepted, (input) => {
        const id = fingerprint(input.secret)
        if (keyring.keys.has(id) || fresh.has(id)) duplicates.push(id)
        else fresh.set(id, input)
      })
      const origin = { site: provider.site, addedAt: runtime.now() }
      const stored = Array.from(fresh, ([id, input]) => newKey(id, input, origin))
      if (stored.length > 0) await store.putKeys(stored)
      await inTurns(stored, (each) => keyring.members.add(keyFrom(keyring, each)))
      await enterBalances(
        this.#parts,
        Array.from(fresh, ([id, { balance }]) => [id, balance]),
      )
      if (stored.length > 0) this.#announce()
      return {
        added: await inTurns(stored, ({ id }) => this.#view(this.#find(id))),
        duplicates: duplicates.map((id) => this.#view(this.#find(id))),
        rejected,
      }
    })
  }

  /** Removes one key or several for good, by id. Unknown ids are ignored. Resolves with the number of removed keys. */
  async remove(ids: OneOrMore<string>): Promise<number> {
    const distinct = new Set(listOf(ids))
    const { keyring, store } = this.#parts
    return this.#serialised(async () => {
      const keys = Array.from(distinct, (id) => keyring.keys.get(id)).filter((key) => key !== undefined)
      if (keys.length === 0) return 0
      await store.removeKeys(keys.map(({ id }) => id))
      for (const key of keys) keyring.members.remove(key)
      this.#announce()
      return keys.length
    })
  }

  /**
   * Lets keys serve again, and forgets the cooldowns, refusals and lack of money that automation recorded for them and
   * their accounts: a person has checked them. Rejects with `unknown_key`.
   */
  async enable(ids: OneOrMore<string>): Promise<KeyView[]> {
    return this.#switch(ids, true)
  }

  /** Takes keys out of service until a person enables them. Running requests go on. Rejects with `unknown_key`. */
  async disable(ids: OneOrMore<string>): Promise<KeyView[]> {
    return this.#switch(ids, false)
  }

  /**
   * Forgets the cooldowns, refusals and lack of money that automation recorded for keys and their accounts. The
   * operator's switch stays as it is. Rejects with `unknown_key`.
   */
  async reset(ids: OneOrMore<string>): Promise<KeyView[]> {
    const distinct = new Set(listOf(ids))
    return this.#serialised(async () => {
      const keys = Array.from(distinct, (id) => this.#find(id))
      for (const key of keys) this.#parts.keyring.restore(key, asNew)
      return keys.map((key) => this.#view(key))
    })
  }

  /**
   * Sets which keys may serve from now on: all, those named by id, label, account or mask, or a single one. Rejects
   * with a `ConfigError` when the mode leaves no key.
   */
  async select(mode: KeyMode, names?: string | readonly string[]): Promise<KeyView[]> {
    const selected = typeof names === 'string' ? [names] : names
    checkModeInput(mode, selected)
    return this.#serialised(async () => {
      const { keyring } = this.#parts
      if (!hasAny(mode, selected, keyring.keys.values()))
        throw new ConfigError('selected', 'must name keys of the pool', selected)
      keyring.members.select(mode, selected ?? [])
      this.#announce()
      return this.#list({})
        .filter((key) => key.selected)
        .map((key) => this.#view(key))
    })
  }

  /** Changes the settings of a key. Rejects with `unknown_key`, or a `ConfigError` for an invalid value. */
  async update(id: string, changes: KeyChanges): Promise<KeyView> {
    const { keyring, store, provider } = this.#parts
    const checked = checkKeyChanges(changes, provider)
    return this.#serialised(async () => {
      const key = this.#find(id)
      const changed = changedKey(storedKey(key), checked)
      await store.putKeys([changed])
      applyStored(keyring, key, changed)
      await enterBalances(this.#parts, [[id, checked.balance]])
      this.#announce()
      return this.#view(key)
    })
  }

  get(id: string): KeyView | undefined {
    const key = this.#parts.keyring.keys.get(id)
    return key === undefined ? undefined : this.#view(key)
  }

  list(filter: KeyFilter = {}): KeyView[] {
    return this.#list(filter).map((key) => this.#view(key))
  }

  /** Finds keys by id, label, mask or the beginning of a mask. Throws `unknown_key` for a selector without a key. */
  find(selectors: OneOrMore<string>): KeyView[] {
    const found = new Set<Key>()
    for (const selector of listOf(selectors)) {
      const selected = selectKeys(selector, this.#parts.keyring.keys)
      if (selected.length === 0) throw unknownKey(selector)
      for (const key of selected) found.add(key)
    }
    return Array.from(found, (key) => this.#view(key))
  }

  /** Lists keys with their tokens in clear. */
  export(filter: KeyFilter = {}): ExportedKey[] {
    return this.#list(filter).map((key) => ({ ...this.#view(key), secret: revealSecret(key.secret) }))
  }

  /**
   * Makes the pool hold the keys that the store holds: at start, and after another process wrote to the store. Of keys
   * and accounts already in use only the settings are read: the pool's state of them is newer than the store's.
   * @internal
   */
  reload(): Promise<void> {
    const { keyring, store, runtime } = this.#parts
    return this.#enqueue(async () => {
      if (await adoptStoredKeys(keyring, await store.load(), runtime.now())) this.#announce()
    })
  }

  /** Resolves when all changes so far are stored or have failed. @internal */
  async settled(): Promise<void> {
    await this.#lastChange
  }

  /** @internal */
  viewContext(): ViewContext {
    const { runtime, provider } = this.#parts
    return { now: runtime.now(), isoTime, currencyOf: (site) => provider.currencyOf(site) }
  }

  /** Runs a change once the store is loaded and the change before has ended: none may undo another being stored. */
  async #serialised<T>(change: () => Promise<T>): Promise<T> {
    await this.#parts.loaded()
    return this.#enqueue(change)
  }

  #enqueue<T>(change: () => Promise<T>): Promise<T> {
    const changed = this.#lastChange.then(change)
    this.#lastChange = changed.catch(() => {})
    return changed
  }

  async #checked(inputs: readonly (string | KeyInput)[]): Promise<{
    accepted: KeyInput[]
    rejected: { index: number; reason: string }[]
  }> {
    const accepted: KeyInput[] = []
    const rejected: { index: number; reason: string }[] = []
    await inTurns(inputs, (input, index) => {
      try {
        accepted.push(checkKeyInput(input, 'key', this.#parts.provider))
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        rejected.push({ index, reason: `${error.option} ${error.rule}` })
      }
    })
    return { accepted, rejected }
  }

  #switch(ids: OneOrMore<string>, enabled: boolean): Promise<KeyView[]> {
    const distinct = new Set(listOf(ids))
    const { keyring, store } = this.#parts
    return this.#serialised(async () => {
      const keys = Array.from(distinct, (id) => this.#find(id))
      const changed = keys.map((key) => ({ ...storedKey(key), enabled }))
      await store.putKeys(changed)
      keys.forEach((key, at) => {
        applyStored(keyring, key, changed[at] as StoredKey)
        if (enabled) keyring.restore(key, asNew)
      })
      this.#announce()
      return keys.map((key) => this.#view(key))
    })
  }

  #list(filter: KeyFilter): Key[] {
    return filterKeys(this.#parts.keyring.keys.values(), filter)
  }

  #find(id: string): Key {
    const key = this.#parts.keyring.keys.get(id)
    if (key === undefined) throw unknownKey(id)
    return key
  }

  #view(key: Key): KeyView {
    return viewOf(key, this.viewContext())
  }

  #announce(): void {
    this.#parts.events.emit('keys-changed', { total: this.#parts.keyring.keys.size })
  }
}

/** The state of a key and an account of which automation has recorded nothing. */
const asNew = { key: ready, account: ready, forgetCooldowns: true } as const

const isoTime = (at: number): string => new Date(at).toISOString()
