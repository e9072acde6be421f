import { spanMs, startOf } from './spans.js'
import type { HistoryBlock } from './stored-history.js'
import { foldingTallies, mergeTallies } from './tallies.js'
import type { Tally } from './tally.js'

/**
 * Blocks that wait to be stored. While the store fails, what is older than the present hour is kept by hour, and what is
 * older than a day by day: their number is bounded, and their sums stay exact.
 */
export class UnsavedBlocks {
  readonly #names: number
  readonly #dayOffsetMs: number
  #blocks = new Map<string, HistoryBlock & { readonly tallies: Map<string, Tally> }>()

  constructor(names: number, dayOffsetMs: number) {
    this.#names = names
    this.#dayOffsetMs = dayOffsetMs
  }

  get isEmpty(): boolean {
    return this.#blocks.size === 0
  }

  /** Takes over a block, with its tallies, in parts of a few milliseconds. */
  *add(block: HistoryBlock, now: number): Generator<void, void, undefined> {
    const place = { ...block, at: this.#placeFor(block.at, now) }
    const name = `${block.by} ${place.at} ${block.upstream}`
    const known = this.#blocks.get(name)?.tallies
    const tallies = known ?? (block.tallies as Map<string, Tally>)
    if (known !== undefined) mergeTallies(known, block.tallies)
    this.#blocks.set(name, { ...place, tallies })
    yield* foldingTallies(tallies, this.#names, known === undefined ? undefined : block.tallies)
  }

  /** Gives the blocks, and forgets them. */
  take(): HistoryBlock[] {
    const blocks = this.list()
    this.#blocks = new Map()
    return blocks
  }

  list(): HistoryBlock[] {
    return Array.from(this.#blocks.values())
  }

  #placeFor(at: number, now: number): number {
    const hour = startOf(at, spanMs.hour, this.#dayOffsetMs)
    if (hour + spanMs.hour > now) return at
    return hour + spanMs.day > now ? hour : startOf(at, spanMs.day, this.#dayOffsetMs)
  }
}
