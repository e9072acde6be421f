import { ConfigError, KeyPoolError } from './errors.js'
import type { EventBoard } from './events.js'
import { fingerprint } from './key/fingerprint.js'
import { ready } from './key/health.js'
import { Key, type KeyInput } from './key/key.js'
import { maskToken, revealSecret, Secret } from './key/secret.js'
import { type KeyStatus, type KeyView, statusOf, type ViewContext, viewOf } from './key/view.js'
import type { Keyring } from './keyring.js'
import { checkKeyChanges, checkKeyInput } from './options.js'
import { storedKey } from './persistence.js'
import type { Provider } from './provider/provider.js'
import type { Runtime } from './runtime.js'
import type { Snapshot, Store, StoredKey } from './store/store.js'

/** Which keys to list or export; every given field must match. */
export interface KeyFilter {
  readonly status?: KeyStatus
  readonly account?: string
  readonly site?: string
  readonly enabled?: boolean
}

export interface AddReport {
  readonly added: readonly KeyView[]
  /** Keys that the pool had already, or that were given twice. */
  readonly duplicates: readonly KeyView[]
  /** Position in the input, and the rule it broke. */
  readonly rejected: readonly { readonly index: number; readonly reason: string }[]
}

/** A key with its token in clear: what `export` gives, and nothing else. */
export interface ExportedKey extends KeyView {
  readonly secret: string
}

export type KeyChanges = Partial<Omit<KeyInput, 'secret'>>

export interface KeySetParts {
  readonly keyring: Keyring
  readonly store: Store
  readonly provider: Provider
  readonly runtime: Runtime
  readonly events: EventBoard
  /** Resolves when the store's keys are loaded. */
  readonly loaded: () => Promise<void>
}

/** The keys of a pool, as `pool.keys`. What changes them is durable when its promise resolves. */
export class KeySet {
  readonly #parts: KeySetParts

  constructor(parts: KeySetParts) {
    this.#parts = parts
  }

  /**
   * Adds keys, each a token or an object. Keys already there are reported, not changed; wrong ones are reported and
   * the others still added.
   */
  async add(inputs: Iterable<string | KeyInput>): Promise<AddReport> {
    await this.#parts.loaded()
    const added: Key[] = []
    const seen = new Map<string, Key>()
    const duplicates: KeyView[] = []
    const rejected: { index: number; reason: string }[] = []
    let index = -1
    for (const input of inputs) {
      index++
      try {
        const given = checkKeyInput(input, 'key')
        const known = this.#known(given.secret, seen)
        if (known === undefined) added.push(this.#make(given, seen))
        else duplicates.push(this.#view(known))
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        rejected.push({ index, reason: `${error.option} ${error.rule}` })
      }
    }
    await this.#store(added)
    return { added: added.map((key) => this.#view(key)), duplicates, rejected }
  }

  /** Removes keys for good. Unknown ids are passed over. Resolves with how many there were. */
  async remove(ids: Iterable<string>): Promise<number> {
    await this.#parts.loaded()
    const keys = Array.from(ids, (id) => this.#parts.keyring.keys.get(id)).filter((key) => key !== undefined)
    await this.#parts.store.removeKeys(keys.map(({ id }) => id))
    for (const key of keys) this.#parts.keyring.remove(key)
    if (keys.length > 0) this.#announce()
    return keys.length
  }

  /** Lets keys serve again, and forgets what automation held against them: a person has looked at them. */
  async enable(ids: Iterable<string>): Promise<KeyView[]> {
    return this.#switch(ids, true)
  }

  /** Takes keys out until a person enables them. Running requests end undisturbed. */
  async disable(ids: Iterable<string>): Promise<KeyView[]> {
    return this.#switch(ids, false)
  }

  /** Changes what the operator said of a key. Throws `unknown_key`, or a `ConfigError` for a wrong value. */
  async update(id: string, changes: KeyChanges): Promise<KeyView> {
    await this.#parts.loaded()
    const key = this.#find(id)
    const checked = checkKeyChanges(changes)
    this.#parts.keyring.change(key, () => this.#apply(key, checked))
    await this.#parts.store.putKeys([storedKey(key)])
    this.#announce()
    return this.#view(key)
  }

  get(id: string): KeyView | undefined {
    const key = this.#parts.keyring.keys.get(id)
    return key === undefined ? undefined : this.#view(key)
  }

  list(filter: KeyFilter = {}): KeyView[] {
    return this.#filtered(filter).map((key) => this.#view(key))
  }

  /** Keys by id, label, masked form or the visible beginning of it. Throws `unknown_key` for a selector that fits none. */
  find(selectors: Iterable<string>): KeyView[] {
    const found = new Set<Key>()
    for (const selector of selectors) {
      const matches = this.#matching(selector)
      if (matches.length === 0) throw unknownKey(selector)
      for (const key of matches) found.add(key)
    }
    return Array.from(found, (key) => this.#view(key))
  }

  /** The keys with their tokens in clear. */
  export(filter: KeyFilter = {}): ExportedKey[] {
    return this.#filtered(filter).map((key) => ({ ...this.#view(key), secret: revealSecret(key.secret) }))
  }

  /**
   * Makes the pool hold what a snapshot of the store holds: `all` of it at start; what the `operator` said after
   * another process wrote to it, because of accounts in use the pool knows more than the store does.
   * @internal
   */
  adopt(snapshot: Snapshot, part: 'all' | 'operator'): void {
    const { keyring } = this.#parts
    const wanted = new Set(snapshot.keys.map(({ id }) => id))
    for (const key of Array.from(keyring.keys.values())) if (!wanted.has(key.id)) keyring.remove(key)
    const fresh: Key[] = []
    for (const stored of snapshot.keys) {
      const key = keyring.keys.get(stored.id)
      if (key === undefined) fresh.push(this.#revive(stored))
      else if (differs(key, stored)) keyring.change(key, () => this.#apply(key, operatorFields(stored)))
    }
    this.#restoreStates(snapshot, new Map(fresh.map((key) => [key.id, key])), part)
    for (const key of fresh) keyring.add(key)
    this.#announce()
  }

  #restoreStates(snapshot: Snapshot, fresh: ReadonlyMap<string, Key>, part: 'all' | 'operator'): void {
    for (const state of snapshot.keyStates) {
      const key = fresh.get(state.id)
      if (key === undefined) continue
      if (state.health.status === 'invalid') key.health = state.health
      key.requests = state.requests
      key.successes = state.successes
      key.promptTokens = state.promptTokens
      key.completionTokens = state.completionTokens
      key.lastUsedAt = state.lastUsedAt
    }
    for (const state of snapshot.accountStates) {
      const account = this.#parts.keyring.accounts.get(state.id)
      if (account === undefined || (part === 'operator' && account.keys.size > 0)) continue
      account.health = state.health
      account.balance = state.balance
      for (const cooldown of state.cooldowns) account.cooldowns.set(cooldown.model, cooldown)
    }
  }

  async #switch(ids: Iterable<string>, enabled: boolean): Promise<KeyView[]> {
    await this.#parts.loaded()
    const { keyring, store } = this.#parts
    const keys = Array.from(ids, (id) => this.#find(id))
    for (const key of keys) {
      keyring.change(key, () => {
        key.enabled = enabled
      })
      if (enabled) keyring.restore(key, { key: ready, account: ready, forgetCooldowns: true })
    }
    await store.putKeys(keys.map(storedKey))
    this.#announce()
    return keys.map((key) => this.#view(key))
  }

  async #store(added: readonly Key[]): Promise<void> {
    if (added.length === 0) return
    await this.#parts.store.putKeys(added.map(storedKey))
    for (const key of added) this.#parts.keyring.add(key)
    this.#announce()
  }

  #known(token: string, seen: ReadonlyMap<string, Key>): Key | undefined {
    const id = fingerprint(token)
    return this.#parts.keyring.keys.get(id) ?? seen.get(id)
  }

  #make(given: KeyInput, seen: Map<string, Key>): Key {
    const id = fingerprint(given.secret)
    const key = this.#build({
      id,
      secret: given.secret,
      account: given.account ?? null,
      label: given.label ?? null,
      site: given.site ?? this.#parts.provider.site,
      weight: given.weight ?? 1,
      enabled: given.enabled ?? true,
      addedAt: this.#parts.runtime.now(),
    })
    if (given.balance !== undefined) this.#setBalance(key, given.balance)
    seen.set(id, key)
    return key
  }

  #revive(stored: StoredKey): Key {
    return this.#build(stored)
  }

  #build(stored: StoredKey): Key {
    const account = this.#parts.keyring.accountOf(stored.account ?? stored.id)
    return new Key({ ...stored, secret: new Secret(stored.secret), account })
  }

  #apply(key: Key, changes: Partial<KeyInput>): void {
    if (changes.label !== undefined) key.label = changes.label
    if (changes.weight !== undefined) key.weight = changes.weight
    if (changes.site !== undefined) key.site = changes.site
    if (changes.enabled !== undefined) key.enabled = changes.enabled
    if (changes.account !== undefined) key.account = this.#parts.keyring.accountOf(changes.account)
    if (changes.balance !== undefined) this.#setBalance(key, changes.balance)
  }

  #setBalance(key: Key, amount: string): void {
    const { provider, runtime, keyring } = this.#parts
    keyring.restore(key, {
      balance: { amount, currency: provider.currencyOf(key.site), source: 'estimated', at: runtime.now() },
    })
  }

  #filtered({ status, account, site, enabled }: KeyFilter): Key[] {
    return Array.from(this.#parts.keyring.keys.values()).filter(
      (key) =>
        (status === undefined || statusOf(key) === status) &&
        (account === undefined || key.account.id === account) &&
        (site === undefined || key.site === site) &&
        (enabled === undefined || key.enabled === enabled),
    )
  }

  #matching(selector: string): Key[] {
    const { keys } = this.#parts.keyring
    const byId = keys.get(selector) ?? keys.get(fingerprint(selector))
    if (byId !== undefined) return [byId]
    // A whole mask names the keys that look so; a piece of one, those that begin so.
    const isPiece = /^[^….]{4,}$/.test(selector)
    return Array.from(keys.values()).filter(
      ({ label, secret }) =>
        label === selector || secret.mask === selector || (isPiece && secret.mask.startsWith(selector)),
    )
  }

  #find(id: string): Key {
    const key = this.#parts.keyring.keys.get(id)
    if (key === undefined) throw unknownKey(id)
    return key
  }

  #view(key: Key): KeyView {
    return viewOf(key, this.viewContext())
  }

  /** @internal */
  viewContext(): ViewContext {
    const { runtime, provider } = this.#parts
    return { now: runtime.now(), isoTime, currencyOf: (site) => provider.currencyOf(site) }
  }

  #announce(): void {
    this.#parts.events.emit('keys-changed', { total: this.#parts.keyring.keys.size })
  }
}

const isoTime = (at: number): string => new Date(at).toISOString()

function unknownKey(selector: string): KeyPoolError {
  const shown = selector.length > 24 ? maskToken(selector) : selector
  return new KeyPoolError(
    'unknown_key',
    `No key matches ${JSON.stringify(shown)}. See them with: sfpool list`,
  )
}

const operatorFields = (stored: StoredKey): Partial<KeyInput> => ({
  account: stored.account ?? stored.id,
  weight: stored.weight,
  site: stored.site,
  enabled: stored.enabled,
  ...(stored.label === null ? {} : { label: stored.label }),
})

const differs = (key: Key, stored: StoredKey): boolean =>
  key.enabled !== stored.enabled ||
  key.weight !== stored.weight ||
  key.site !== stored.site ||
  key.label !== stored.label ||
  key.account.id !== (stored.account ?? stored.id)
