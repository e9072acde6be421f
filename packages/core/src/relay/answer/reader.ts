import type { Usage } from '../../usage/usage.js'
import type { Ending } from './ending.js'

/** Reads one kind of answer: decides what of it may go to the client and when, and what it comes to. */
export interface Reader {
  /** For the client: the answer's own, unless the client gets it in another form. */
  readonly headers: readonly string[]
  /** Whether it consists of events, among which an error event of ours has its place. */
  readonly hasEvents: boolean
  /** Its first output has not come: until then it is held back, and the time for it runs. */
  readonly isAwaitingOutput: boolean
  /** The answer has said that it is complete, whatever becomes of the connection now. */
  readonly isWhole: boolean
  /** The ending that the answer has declared itself, by reporting a failure; null while it has not. */
  readonly failure: Ending | null
  /** Takes bytes in, and gives those that may go on now; null for none. */
  push(chunk: Buffer): Buffer | null
  /** The upstream has sent everything. */
  end(): Ending
  /** The usage reported so far. */
  usage(): Usage | null
}

/** Answers up to this size are held until they are whole, so that a reset in their middle is nobody's loss. */
export const holdLimit: number = 64 * 1024

export const nothing: Buffer = Buffer.alloc(0)
