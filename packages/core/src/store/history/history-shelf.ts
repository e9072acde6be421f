import type { Span } from '../../history/spans.js'
import type { HistoryBlock, HistoryDimension } from '../../history/stored-history.js'
import type { Latencies, Tally } from '../../history/tally.js'

/** Blocks before these instants are summed up: minutes to hours, hours to days. */
export interface HistoryMarks {
  readonly hour: number
  readonly day: number
}

export type BlockPlace = Pick<HistoryBlock, 'upstream' | 'by' | 'at'>

/** Some blocks of one span: of one dimension, or of all. */
export interface ShelfRange {
  readonly by: HistoryDimension | null
  readonly from: number
  readonly to: number
  readonly latencies?: Latencies
}

/** Where a store keeps blocks. What a piece of work does with it is stored whole, or not at all. */
export interface HistoryShelf {
  marks(): Promise<HistoryMarks>
  setMarks(marks: HistoryMarks): Promise<void>
  /** The tallies of one block, which may be changed and written back; an empty map when there are none. */
  tallies(span: Span, place: BlockPlace): Promise<Map<string, Tally>>
  write(span: Span, block: HistoryBlock): Promise<void>
  /** Passes blocks on, by dimension and upstream, and within them in the order of time. */
  each(span: Span, range: ShelfRange, visit: (block: HistoryBlock) => void | Promise<void>): Promise<void>
  /** Forgets the blocks before an instant. */
  remove(span: Span, before: number): Promise<void>
}
