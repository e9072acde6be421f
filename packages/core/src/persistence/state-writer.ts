import type { PoolEmitter } from '../events.js'
import type { Key, KeyAccount } from '../key/key.js'
import type { Runtime, Timer } from '../runtime/runtime.js'
import { defaultUpstream } from '../store/default-upstream.js'
import type { Store, StoredAccountState, StoredKeyState } from '../store/store.js'
import { type SpendingLinks, writeSpending } from './write-spending.js'

/** Delay before changed state is written. A crash loses the figures of no longer time, and no key. */
const saveDelayMs = 1_000
/** How often the store is asked whether another process changed its keys. */
const watchIntervalMs = 1_000
/** States written at once: few enough that no request waits for it. */
const batchSize = 500

const noLinks: SpendingLinks = { ledger: null, onBalance: () => {} }

/** Writes changed state to the store off the request path, and notices when another process changed the keys. */
export class StateWriter {
  readonly #store: Store
  readonly #runtime: Runtime
  readonly #events: PoolEmitter
  readonly #links: SpendingLinks
  /** What changed since the last save. `isUnsaved` marks each entry, so that none is listed twice. */
  #changedKeys: Key[] = []
  #changedAccounts: KeyAccount[] = []
  /** Accounts with unsaved spending: kept apart, because they are many and their other state seldom changes. */
  #dirtyAccounts = new Set<KeyAccount>()
  #timer: Timer | undefined
  #watcher: Timer | undefined
  #running: Promise<void> | null = null
  #revision = 0
  #isClosed = false

  constructor(store: Store, runtime: Runtime, events: PoolEmitter, links: SpendingLinks = noLinks) {
    this.#store = store
    this.#runtime = runtime
    this.#events = events
    this.#links = links
  }

  /** Marks the state of a key, and of its account unless that is null, to be written soon. Called for every attempt. */
  touch(key: Key, account: KeyAccount | null): void {
    if (this.#isClosed) return
    this.#markKey(key)
    if (account !== null) this.#markAccount(account)
    this.#timer ??= this.#runtime.setTimer(() => void this.flush(), saveDelayMs)
  }

  /** Marks an account's spending to be written soon. Called for every paid attempt. */
  markSpending(account: KeyAccount): void {
    if (this.#isClosed) return
    this.#dirtyAccounts.add(account)
    this.#timer ??= this.#runtime.setTimer(() => void this.flush(), saveDelayMs)
  }

  /** Calls `read` now, and again whenever another process changed the keys. Rejects when the first call fails. */
  async follow(read: () => Promise<void>): Promise<void> {
    // Asked for before reading: a change that comes in between is then read twice rather than missed.
    this.#revision = await this.#store.revision()
    await read()
    this.#watchLater(read)
  }

  #watchLater(read: () => Promise<void>): void {
    if (this.#isClosed) return
    this.#watcher = this.#runtime.setTimer(() => void this.#readIfChanged(read), watchIntervalMs)
  }

  async #readIfChanged(read: () => Promise<void>): Promise<void> {
    try {
      const revision = await this.#store.revision()
      if (revision !== this.#revision && !this.#isClosed) await read()
      this.#revision = revision
    } catch (error) {
      // A store that was closed meanwhile fails as expected.
      if (!this.#isClosed) this.#report(error)
    }
    this.#watchLater(read)
  }

  /** Writes everything that changed. Failures are reported and tried again with the next change. */
  async flush(): Promise<void> {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
    // One save at a time: a second call waits, then saves what is left.
    while (this.#running !== null) await this.#running
    this.#running = this.#save()
    await this.#running
    this.#running = null
  }

  async close(): Promise<void> {
    this.#isClosed = true
    if (this.#watcher !== undefined) this.#runtime.clearTimer(this.#watcher)
    await this.flush()
    await this.#store.close()
  }

  async #save(): Promise<void> {
    // Changes from here on are left to the next save: under load there is always one.
    const keys = this.#changedKeys
    const accounts = this.#changedAccounts
    this.#changedKeys = []
    this.#changedAccounts = []
    for (const each of [...keys, ...accounts]) each.isUnsaved = false
    const now = this.#runtime.now()
    for (let from = 0; from < Math.max(keys.length, accounts.length); from += batchSize) {
      const until = from + batchSize
      try {
        await this.#store.saveStates(
          keys.slice(from, until).map(keyState),
          accounts.slice(from, until).map((account) => accountState(account, now)),
        )
      } catch (error) {
        for (const key of keys.slice(from)) this.#markKey(key)
        for (const account of accounts.slice(from)) this.#markAccount(account)
        this.#report(error)
        break
      }
    }
    await this.#saveSpending(accounts, now)
  }

  /** Writes usage, spending and new baselines. What fails is part of the next save. */
  async #saveSpending(accounts: readonly KeyAccount[], now: number): Promise<void> {
    for (const account of accounts) if (account.tracker?.isNew === true) this.#dirtyAccounts.add(account)
    const dirtyAccounts = this.#dirtyAccounts
    this.#dirtyAccounts = new Set()
    try {
      await writeSpending({ ...this.#links, store: this.#store, dirtyAccounts, now })
    } catch (error) {
      for (const account of dirtyAccounts)
        if (account.tracker?.hasUnsaved === true) this.#dirtyAccounts.add(account)
      this.#report(error)
    }
  }

  #markKey(key: Key): void {
    if (key.isUnsaved) return
    key.isUnsaved = true
    this.#changedKeys.push(key)
  }

  #markAccount(account: KeyAccount): void {
    if (account.isUnsaved) return
    account.isUnsaved = true
    this.#changedAccounts.push(account)
  }

  #report(error: unknown): void {
    this.#events.emit('store-error', { error: error instanceof Error ? error : new Error(String(error)) })
  }
}

const keyState = (key: Key): StoredKeyState => ({
  id: key.id,
  health: key.health,
  requests: key.requests,
  successes: key.successes,
  promptTokens: key.promptTokens,
  completionTokens: key.completionTokens,
  lastUsedAt: key.lastUsedAt,
  failures: key.failures,
  upstreamAccount: key.upstreamAccount,
})

const accountState = (account: KeyAccount, now: number): StoredAccountState => ({
  upstream: defaultUpstream,
  id: account.id,
  health: account.health,
  cooldowns: Array.from(account.cooldowns.values()),
  quotas: account.quotaStates(now),
})
