import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PoolEmitter } from '../events.js'
import type { HistoryOptions } from '../history/history-options.js'
import { HistoryRecorder } from '../history/history-recorder.js'
import type { HistoryBlock, HistoryRange } from '../history/stored-history.js'
import { UnsavedBlocks } from '../history/unsaved-blocks.js'
import type { KeyAccount } from '../key/key.js'
import type { Runtime, Timer } from '../runtime/runtime.js'
import type { Store } from '../store/store.js'
import { markBalances, markTotals } from './mark-balances.js'

/** Time from a first record to its being stored: no more than one write a second. */
const saveDelayMs = 1_000
/** The longest time between two tries while the store fails. */
const longestRetryMs = 30_000
/** How often a store that goes on failing is reported. */
const reportEveryMs = 60_000
/** With more accounts than this, a write leaves others a turn between its parts. */
const turnAfter = 500
/** How often the balances of all accounts are added up. */
const totalsEveryMs = 60_000

export type HistoryStore = Required<Pick<Store, 'addHistory' | 'readHistory'>>

export interface HistoryWriterParts {
  readonly store: HistoryStore
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly accounts: ReadonlyMap<string, KeyAccount>
  readonly upstream: string
  readonly dayOffsetMs: number
  readonly keep: Required<HistoryOptions>
}

/** Writes what the recorder counted, off the request path, and reads it back together with what is not written yet. */
export class HistoryWriter {
  readonly recorder: HistoryRecorder
  readonly #parts: HistoryWriterParts
  readonly #unsaved: UnsavedBlocks
  #timer: Timer | undefined
  /** Reading and writing take turns, so that a reader finds everything once. */
  #last: Promise<unknown> = Promise.resolve()
  #failures = 0
  #reportedAt = Number.NEGATIVE_INFINITY
  #totalsAt = Number.NEGATIVE_INFINITY
  #isClosed = false

  constructor(parts: HistoryWriterParts) {
    this.#parts = parts
    this.recorder = new HistoryRecorder(parts.upstream, () => this.#saveLater(saveDelayMs))
    this.#unsaved = new UnsavedBlocks(parts.keep.names, parts.dayOffsetMs)
    parts.events.on('balance-updated', ({ account }) => this.#markBalance(account))
  }

  /** The blocks of a time, with what is not stored yet. Rejects with `store_failed` when the store cannot be read. */
  read(range: HistoryRange): Promise<HistoryBlock[]> {
    return this.#inTurn(async () => {
      const blocks: HistoryBlock[] = []
      await this.#parts.store.readHistory(range, (block) => blocks.push(block))
      const isWanted = ({ by, at }: HistoryBlock): boolean =>
        by === range.by && at >= range.from && at < range.to
      blocks.push(...[...this.#unsaved.list(), ...this.recorder.blocks()].filter(isWanted))
      return blocks
    })
  }

  /** Writes everything that is not stored. Failures are reported, and tried again later. */
  flush(): Promise<void> {
    if (this.#timer !== undefined) this.#parts.runtime.clearTimer(this.#timer)
    this.#timer = undefined
    return this.#inTurn(() => this.#save())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.flush()
  }

  async #save(): Promise<void> {
    const { store, runtime, dayOffsetMs, keep } = this.#parts
    // The states of as many keys are written at the same time.
    const isLong = this.recorder.accounts.size > turnAfter
    if (isLong) await nextTurn()
    await this.#markBalances()
    if (isLong) await nextTurn()
    for (const block of this.recorder.take()) await this.#keep(block)
    if (this.#unsaved.isEmpty) return
    const blocks = this.#unsaved.take()
    try {
      await store.addHistory({ blocks, now: runtime.now(), dayOffsetMs, keep })
      this.#failures = 0
      this.#reportedAt = Number.NEGATIVE_INFINITY
    } catch (error) {
      for (const block of blocks) await this.#keep(block)
      this.#failures++
      this.#report(error)
      this.#saveLater(Math.min(saveDelayMs * 2 ** this.#failures, longestRetryMs))
    }
  }

  /** Keeps a block for the next write. Folding many thousand names takes a while, so others have turns in between. */
  async #keep(block: HistoryBlock): Promise<void> {
    for (const _ of this.#unsaved.add(block, this.#parts.runtime.now())) await nextTurn()
  }

  async #markBalances(): Promise<void> {
    const { runtime, accounts } = this.#parts
    markBalances(this.recorder, accounts, runtime.now())
    if (this.recorder.isEmpty || runtime.monotonic() - this.#totalsAt < totalsEveryMs) return
    this.#totalsAt = runtime.monotonic()
    await markTotals(this.recorder, accounts, runtime.now)
  }

  /** The account is part of the present minute from now on, and so is its balance with the next save. */
  #markBalance(id: string): void {
    const { accounts, runtime } = this.#parts
    const tracker = accounts.get(id)?.tracker ?? null
    const amount = tracker?.left.amount ?? null
    if (tracker === null || amount === null) return
    this.#totalsAt = Number.NEGATIVE_INFINITY
    this.recorder.recordBalance(id, { currency: tracker.baseline.currency, amount }, runtime.now())
  }

  #saveLater(delayMs: number): void {
    if (this.#isClosed) return
    this.#timer ??= this.#parts.runtime.setTimer(() => void this.flush(), delayMs)
  }

  #report(error: unknown): void {
    const now = this.#parts.runtime.monotonic()
    if (now - this.#reportedAt < reportEveryMs) return
    this.#reportedAt = now
    const given = error instanceof Error ? error : new Error(String(error))
    this.#parts.events.emit('store-error', { error: given })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}
