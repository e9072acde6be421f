import type { Runtime, Timer } from '../runtime/runtime.js'
import type { Store } from '../store/store.js'
import type { StoreNews } from '../store/store-news.js'
import type { StoreFaults } from './store-faults.js'

/** How often a store that cannot be watched is asked whether another process changed its keys. */
const askIntervalMs = 1_000
/** The pause after a reading, in times of how long it took: keys that change all the time take a tenth of the time. */
const pauseFactor = 10
const leastPauseMs = 100
const longestPauseMs = 1_000

/** Notices when another process changed the keys, and has them read again. */
export class StoreFollower {
  readonly #store: Store
  readonly #runtime: Runtime
  readonly #faults: StoreFaults
  readonly #onRecords: () => void
  #read: () => Promise<void> = async () => {}
  #stopWatching: () => void = () => {}
  /** Until the next reading, and until the store is asked the next time. */
  #readTimer: Timer | undefined
  #askTimer: Timer | undefined
  #revision = 0
  #isReading = false
  #isStale = false
  /** The last reading failed. */
  #isUnread = false
  #readableAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  /** `onRecords` is called when records changed; of a store that cannot be watched nobody tells. */
  constructor(store: Store, runtime: Runtime, faults: StoreFaults, onRecords: () => void = () => {}) {
    this.#store = store
    this.#runtime = runtime
    this.#faults = faults
    this.#onRecords = onRecords
    faults.onRetry(() => this.#readAgain())
  }

  /** Calls `read` now, and again whenever another process changed the keys. Rejects when the first call fails. */
  async follow(read: () => Promise<void>): Promise<void> {
    this.#read = read
    const { watch } = this.#store
    // Before reading: a change that comes in between is then read twice rather than missed.
    if (watch !== undefined) this.#stopWatching = watch.call(this.#store, (news) => this.#hear(news))
    try {
      this.#revision = await this.#store.revision()
      await read()
    } catch (error) {
      this.#stopWatching()
      throw error
    }
    if (watch === undefined) this.#askLater()
  }

  close(): void {
    this.#isClosed = true
    this.#stopWatching()
    for (const timer of [this.#readTimer, this.#askTimer])
      if (timer !== undefined) this.#runtime.clearTimer(timer)
  }

  #hear(news: StoreNews): void {
    if (this.#isClosed) return
    if (news.type === 'fault') this.#faults.stand(news.error)
    else if (news.type === 'healed') this.#faults.stand(null)
    else {
      if (news.records) this.#onRecords()
      if (news.keys) this.#readSoon()
    }
  }

  /** Reads at once, or when the pause after the last reading is over. */
  #readSoon(): void {
    this.#isStale = true
    if (this.#isReading || this.#readTimer !== undefined) return
    const waitMs = this.#readableAt - this.#runtime.monotonic()
    if (waitMs <= 0) void this.#readNow()
    else this.#readTimer = this.#runtime.setTimer(() => void this.#readNow(), waitMs)
  }

  async #readNow(): Promise<void> {
    if (this.#readTimer !== undefined) this.#runtime.clearTimer(this.#readTimer)
    this.#readTimer = undefined
    if (this.#isClosed) return
    this.#isReading = true
    this.#isStale = false
    this.#isUnread = false
    const startedAt = this.#runtime.monotonic()
    try {
      await this.#read()
    } catch (error) {
      // Tried again with all else that failed.
      this.#isUnread = true
      if (!this.#isClosed) this.#faults.report(error)
    }
    const endedAt = this.#runtime.monotonic()
    const pauseMs = Math.min(Math.max((endedAt - startedAt) * pauseFactor, leastPauseMs), longestPauseMs)
    this.#readableAt = endedAt + pauseMs
    this.#isReading = false
    if (this.#isStale && !this.#isClosed) this.#readSoon()
  }

  async #readAgain(): Promise<void> {
    if (this.#isUnread && !this.#isReading) await this.#readNow()
  }

  #askLater(): void {
    if (this.#isClosed) return
    this.#askTimer = this.#runtime.setTimer(() => void this.#readIfChanged(), askIntervalMs)
  }

  async #readIfChanged(): Promise<void> {
    try {
      const revision = await this.#store.revision()
      const isChanged = revision !== this.#revision
      this.#revision = revision
      if (isChanged && !this.#isReading) await this.#readNow()
    } catch (error) {
      this.#isUnread = true
      // A store that was closed meanwhile fails as expected.
      if (!this.#isClosed) this.#faults.report(error)
    }
    this.#askLater()
  }
}
