import type { Span } from '../../history/spans.js'
import type { HistoryBlock } from '../../history/stored-history.js'
import { mergeTallies } from '../../history/tallies.js'
import type { Tally } from '../../history/tally.js'
import { addHistory } from '../history/add-history.js'
import type { BlockPlace, HistoryMarks, HistoryShelf, ShelfRange } from '../history/history-shelf.js'
import { readHistory } from '../history/read-history.js'
import type { Store } from '../store.js'

/** History in memory. */
export function memoryHistory(): Required<Pick<Store, 'addHistory' | 'readHistory'>> {
  const shelf = new MemoryShelf()
  // One piece of work at a time, because long ones let others have a turn.
  let last: Promise<unknown> = Promise.resolve()
  const queued = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }
  return {
    addHistory: (batch) => queued(() => addHistory(shelf, batch)),
    readHistory: (range, each) => queued(() => readHistory(shelf, range, each)),
  }
}

const none: HistoryMarks = { hour: Number.NEGATIVE_INFINITY, day: Number.NEGATIVE_INFINITY }

class MemoryShelf implements HistoryShelf {
  readonly #blocks: Readonly<Record<Span, Map<string, HistoryBlock>>> = {
    minute: new Map(),
    hour: new Map(),
    day: new Map(),
  }
  #marks = none

  async marks(): Promise<HistoryMarks> {
    return this.#marks
  }

  async setMarks(marks: HistoryMarks): Promise<void> {
    this.#marks = marks
  }

  /** A copy: readers may still hold the block. */
  async tallies(span: Span, place: BlockPlace): Promise<Map<string, Tally>> {
    const copy = new Map<string, Tally>()
    mergeTallies(copy, this.#blocks[span].get(nameOf(place))?.tallies ?? [])
    return copy
  }

  async write(span: Span, block: HistoryBlock): Promise<void> {
    this.#blocks[span].set(nameOf(block), block)
  }

  async each(
    span: Span,
    { by, from, to }: ShelfRange,
    visit: (block: HistoryBlock) => void | Promise<void>,
  ): Promise<void> {
    const found = Array.from(this.#blocks[span].values()).filter(
      (block) => (by === null || block.by === by) && block.at >= from && block.at < to,
    )
    found.sort((one, other) => compare(groupOf(one), groupOf(other)) || one.at - other.at)
    for (const block of found) await visit(block)
  }

  async remove(span: Span, before: number): Promise<void> {
    for (const [name, { at }] of this.#blocks[span]) if (at < before) this.#blocks[span].delete(name)
  }
}

const groupOf = ({ by, upstream }: BlockPlace): string => `${by} ${upstream}`

const nameOf = (place: BlockPlace): string => `${groupOf(place)} ${place.at}`

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
