import type { KeyPoolError } from '../../errors.js'
import { StoreListeners } from '../store-listeners.js'
import type { StoreListener } from '../store-news.js'

/** How often keys, and records, were changed. */
export interface ChangeCounts {
  readonly keys: number
  readonly records: number
}

export interface StoreWatchOptions {
  /** Reads the counts. Rejects when the store cannot be read, or is not where it was. */
  readonly look: () => Promise<ChangeCounts>
  readonly intervalMs: number
}

/** Tells those who watch a store of what other processes changed in it. Looks at the store only while somebody watches. */
export class StoreWatch {
  readonly #options: StoreWatchOptions
  readonly #listeners = new StoreListeners()
  #seen: ChangeCounts | null = null
  #fault: string | null = null
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #isClosed = false

  constructor(options: StoreWatchOptions) {
    this.#options = options
  }

  readonly watch = (listener: StoreListener): (() => void) => {
    const stop = this.#listeners.add(listener)
    // At once, so that a change after this call is told, however soon it comes.
    if (!this.#isLooking && this.#timer === undefined) void this.#look()
    return () => {
      stop()
      if (this.#listeners.isEmpty) this.#rest()
    }
  }

  /**
   * Takes note of a change by this store itself, which made the count what is given. Whoever changed keys knows it; of
   * records everybody is told, because they belong to several parts of a program.
   */
  readonly note = ({ keys, records }: Partial<ChangeCounts>): void => {
    if (records !== undefined) this.#listeners.tell({ type: 'changed', keys: false, records: true })
    if (this.#seen === null) return
    // Another number means that another process changed something in between, which the next look will tell.
    if (keys === this.#seen.keys + 1) this.#seen = { ...this.#seen, keys }
    if (records === this.#seen.records + 1) this.#seen = { ...this.#seen, records }
  }

  close(): void {
    this.#isClosed = true
    this.#rest()
  }

  async #look(): Promise<void> {
    this.#timer = undefined
    this.#isLooking = true
    try {
      const counts = await this.#options.look()
      if (this.#fault !== null) this.#listeners.tell({ type: 'healed' })
      this.#fault = null
      this.#compare(counts)
    } catch (error) {
      this.#tellFault(error as KeyPoolError)
    }
    this.#isLooking = false
    if (this.#isClosed || this.#listeners.isEmpty) return
    this.#timer = setTimeout(() => void this.#look(), this.#options.intervalMs).unref()
  }

  #compare(counts: ChangeCounts): void {
    const before = this.#seen
    this.#seen = counts
    if (before === null) return
    const keys = counts.keys !== before.keys
    const records = counts.records !== before.records
    if (keys || records) this.#listeners.tell({ type: 'changed', keys, records })
  }

  #tellFault(error: KeyPoolError): void {
    if (this.#isClosed || error.message === this.#fault) return
    this.#fault = error.message
    this.#listeners.tell({ type: 'fault', error })
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // Whoever watches next begins with what is there then.
    this.#seen = null
    this.#fault = null
  }
}
