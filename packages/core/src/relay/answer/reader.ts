import type { Usage } from '../../usage/usage.js'
import type { Ending } from './ending.js'

/** Reads one kind of answer: decides which bytes may go to the client and when, and how the answer ends. */
export interface Reader {
  /** The headers for the client: those of the answer, unless the client gets it in another form. */
  readonly headers: readonly string[]
  /** Whether the client gets events, among which the pool may send an error event. */
  readonly hasEvents: boolean
  /** Whether the first output is missing: until it comes, the answer is held and the time limit for it runs. */
  readonly isAwaitingOutput: boolean
  /** Whether the answer has declared itself complete, whatever happens to the connection now. */
  readonly isWhole: boolean
  /** Whether what `lookAgain` asked for is still missing. */
  readonly isLooking: boolean
  /** The ending of an answer that has reported a failure; null for no failure. */
  readonly failure: Ending | null
  /** Takes a chunk and gives the bytes that may be passed on now; null for none. */
  push(chunk: Buffer): Buffer | null
  /** Ends the answer: the upstream has sent everything. */
  end(): Ending
  /** The ending by what has come so far, when there is no room for more; without it, a part of the answer is none. */
  endEarly?(): Ending
  /** Looks for more than signs of life: `isLooking` is true until output comes, or whatever else this answer is for. */
  lookAgain(): void
  /** The usage reported so far. */
  usage(): Usage | null
}

/** The largest answer that is held until it is whole, so that another key can replace one that breaks off. */
export const holdLimit: number = 64 * 1024

export const nothing: Buffer = Buffer.alloc(0)
