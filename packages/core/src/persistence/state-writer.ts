import type { Key, KeyAccount } from '../key/key.js'
import type { Runtime, Timer } from '../runtime/runtime.js'
import { defaultUpstream } from '../store/default-upstream.js'
import type { Store, StoredAccountState, StoredKeyState } from '../store/store.js'
import type { StoreFaults } from './store-faults.js'
import { type SpendingLinks, writeSpending } from './write-spending.js'

/** Delay before changed state is written. A crash loses the figures of no longer time, and no key. */
export const defaultSaveDelayMs = 1_000
/** States written at once: few enough that no request waits for it. */
const batchSize = 500

const noLinks: SpendingLinks = { ledger: null, onBalance: () => {} }

export interface StateWriterParts {
  readonly store: Store
  readonly runtime: Runtime
  readonly faults: StoreFaults
  /** @default nothing is spent */
  readonly links?: SpendingLinks
  /** @default 1000 */
  readonly saveDelayMs?: number
}

/** Writes changed state to the store off the request path. */
export class StateWriter {
  readonly #store: Store
  readonly #runtime: Runtime
  readonly #faults: StoreFaults
  readonly #links: SpendingLinks
  readonly #saveDelayMs: number
  /** What changed since the last save. `isUnsaved` marks each entry, so that none is listed twice. */
  #changedKeys: Key[] = []
  #changedAccounts: KeyAccount[] = []
  /** Accounts with unsaved spending: kept apart, because they are many and their other state seldom changes. */
  #dirtyAccounts = new Set<KeyAccount>()
  #timer: Timer | undefined
  #running: Promise<void> | null = null
  #isClosed = false

  constructor({
    store,
    runtime,
    faults,
    links = noLinks,
    saveDelayMs = defaultSaveDelayMs,
  }: StateWriterParts) {
    this.#store = store
    this.#runtime = runtime
    this.#faults = faults
    this.#links = links
    this.#saveDelayMs = saveDelayMs
    faults.onRetry(() => this.flush())
  }

  /** Marks the state of a key, and of its account unless that is null, to be written soon. Called for every attempt. */
  touch(key: Key, account: KeyAccount | null): void {
    if (this.#isClosed) return
    this.#markKey(key)
    if (account !== null) this.#markAccount(account)
    this.#timer ??= this.#runtime.setTimer(() => void this.flush(), this.#saveDelayMs)
  }

  /** Marks an account's spending to be written soon. Called for every paid attempt. */
  markSpending(account: KeyAccount): void {
    if (this.#isClosed) return
    this.#dirtyAccounts.add(account)
    this.#timer ??= this.#runtime.setTimer(() => void this.flush(), this.#saveDelayMs)
  }

  /** Writes everything that changed. Failures are reported, and tried again with the next change or soon. */
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
        this.#faults.report(error)
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
      this.#faults.report(error)
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
