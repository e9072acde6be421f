import type { HistoryOptions } from './history-options.js'
import type { Span } from './spans.js'
import type { Tallies } from './tallies.js'
import type { Latencies } from './tally.js'

/** What the figures of a step are split by; `none` for the sums of all. */
export type HistoryDimension = 'none' | 'key' | 'account' | 'model' | 'client'

export const historyDimensions: readonly HistoryDimension[] = ['none', 'key', 'account', 'model', 'client']

/** The figures of one step, split one way. */
export interface HistoryBlock {
  /** The name of the upstream. */
  readonly upstream: string
  readonly by: HistoryDimension
  /** When the step began, in milliseconds since the Unix epoch. */
  readonly at: number
  /** Under the name `''` what has no such name: a request without a model, a call of no client in particular. */
  readonly tallies: Tallies
}

/** The figures of minutes, to be added to those that are stored. */
export interface HistoryBatch {
  readonly blocks: readonly HistoryBlock[]
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  /** What the provider's days begin earlier than those of UTC. */
  readonly dayOffsetMs: number
  readonly keep: Required<HistoryOptions>
}

/** Which blocks to read. */
export interface HistoryRange {
  readonly by: HistoryDimension
  /** The longest step that will do. What is not summed up to it yet comes in shorter ones. */
  readonly span: Span
  /** Which lengths of time are wanted; the store may give more. @default 'all' */
  readonly latencies?: Latencies
  /** Blocks that begin at this instant or later. */
  readonly from: number
  /** Blocks that begin before this instant. */
  readonly to: number
}

export const isSplit = (by: HistoryDimension): boolean => by !== 'none'
