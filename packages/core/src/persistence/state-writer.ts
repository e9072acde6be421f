import type { Ledger } from '../billing/ledger.js'
import type { PoolEmitter } from '../events.js'
import type { Key, KeyAccount } from '../key/key.js'
import type { Runtime, Timer } from '../runtime/runtime.js'
import type { Store, StoredAccountState, StoredKeyState } from '../store/store.js'
import { writeSpending } from './spending-writer.js'

/** State reaches the store at most this much later; a crash loses no more than this of figures, and no key. */
const saveDelayMs = 1_000
/** How often another process's changes are looked for. */
const watchIntervalMs = 1_000
/** States written in one go: small enough not to hold up a request. */
const batchSize = 500

/** Where sums come from, and who hears of what other processes spent. */
export interface Money {
  readonly ledger: Ledger | null
  readonly onFunds: (account: KeyAccount) => void
}

const noMoney: Money = { ledger: null, onFunds: () => {} }

/** Writes changed state to the store off the request path, and notices when another process changed the keys. */
export class StateWriter {
  readonly #store: Store
  readonly #runtime: Runtime
  readonly #events: PoolEmitter
  readonly #money: Money
  /** What changed since it was last saved; each bears a mark, so that nobody is listed twice. */
  #keys: Key[] = []
  #accounts: KeyAccount[] = []
  /** Accounts that spent something. They are many, and their other state mostly stays as it is. */
  #dirtyAccounts = new Set<KeyAccount>()
  #timer: Timer | undefined
  #watcher: Timer | undefined
  #running: Promise<void> | null = null
  #revision = 0
  #isClosed = false

  constructor(store: Store, runtime: Runtime, events: PoolEmitter, money: Money = noMoney) {
    this.#store = store
    this.#runtime = runtime
    this.#events = events
    this.#money = money
  }

  /** Marks state as changed, of the account too unless it is null. Called for every attempt, so it only remembers. */
  touch(key: Key, account: KeyAccount | null): void {
    if (this.#isClosed) return
    this.#noteKey(key)
    if (account !== null) this.#noteAccount(account)
    this.#timer ??= this.#runtime.setTimer(() => void this.flush(), saveDelayMs)
  }

  /** An account has spent something. Called for every paid attempt. */
  markSpending(account: KeyAccount): void {
    if (this.#isClosed) return
    this.#dirtyAccounts.add(account)
    this.#timer ??= this.#runtime.setTimer(() => void this.flush(), saveDelayMs)
  }

  /** Calls `read` now, and again whenever another process changed the keys. Rejects when the first reading fails. */
  async follow(read: () => Promise<void>): Promise<void> {
    // Asked before reading: a change that comes in between is then read twice rather than missed.
    this.#revision = await this.#store.revision()
    await read()
    this.#lookLater(read)
  }

  #lookLater(read: () => Promise<void>): void {
    if (this.#isClosed) return
    this.#watcher = this.#runtime.setTimer(() => void this.#look(read), watchIntervalMs)
  }

  async #look(read: () => Promise<void>): Promise<void> {
    try {
      const revision = await this.#store.revision()
      if (revision !== this.#revision && !this.#isClosed) await read()
      this.#revision = revision
    } catch (error) {
      // A store that was closed meanwhile has nothing to complain of.
      if (!this.#isClosed) this.#report(error)
    }
    this.#lookLater(read)
  }

  /** Writes everything that changed. Failures are reported and tried again with the next change. */
  async flush(): Promise<void> {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
    // One writer at a time; whoever comes second waits and then writes what is left.
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
    // What changes from here on is the next save's: under load there is always something.
    const keys = this.#keys
    const accounts = this.#accounts
    this.#keys = []
    this.#accounts = []
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
        for (const key of keys.slice(from)) this.#noteKey(key)
        for (const account of accounts.slice(from)) this.#noteAccount(account)
        this.#report(error)
        break
      }
    }
    await this.#saveMoney(accounts, now)
  }

  /** Sums and spending: what fails is part of the next save. */
  async #saveMoney(accounts: readonly KeyAccount[], now: number): Promise<void> {
    for (const account of accounts) if (account.tracker?.isNew === true) this.#dirtyAccounts.add(account)
    const dirtyAccounts = this.#dirtyAccounts
    this.#dirtyAccounts = new Set()
    try {
      await writeSpending({ ...this.#money, store: this.#store, dirtyAccounts, now })
    } catch (error) {
      for (const account of dirtyAccounts)
        if (account.tracker?.hasUnsaved === true) this.#dirtyAccounts.add(account)
      this.#report(error)
    }
  }

  #noteKey(key: Key): void {
    if (key.isUnsaved) return
    key.isUnsaved = true
    this.#keys.push(key)
  }

  #noteAccount(account: KeyAccount): void {
    if (account.isUnsaved) return
    account.isUnsaved = true
    this.#accounts.push(account)
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
  id: account.id,
  health: account.health,
  cooldowns: Array.from(account.cooldowns.values()),
  quotas: account.quotaStates(now),
})
