import type { Outcome } from '../../outcome/outcome.js'
import type { Usage } from '../../usage/usage.js'
import type { AnswerHead } from './answer-head.js'
import type { Reply } from './reply.js'

/** What an answer comes to. */
export interface Ending {
  readonly outcome: Outcome
  /** The last bytes for the client, possibly none; null when the answer is not whole. */
  readonly rest: Buffer | null
  /** What to answer with instead, if nothing has gone to the client and nobody does better. */
  readonly reply: Reply | null
  /** The answer is whole and nothing is in it, for no reason that it gives. @default false */
  readonly isEmpty?: boolean
}

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

/** HTTP says that the answer is over; the answer itself says that it is not. */
export const halfAnswer: Ending = {
  outcome: { kind: 'truncated', fault: 'network', maybeRan: true, message: 'the answer ended early' },
  rest: null,
  reply: null,
}

/** A whole answer with nothing in it: perhaps another key has more to say, and else it is the client's. */
export const emptyAnswer = (reply: Reply): Ending => ({
  outcome: {
    kind: 'upstream-error',
    fault: 'overload',
    status: reply.status,
    maybeRan: true,
    message: 'the answer was empty',
  },
  rest: null,
  reply,
  isEmpty: true,
})

/** A good answer, of which these bytes are still to go. */
export const wholeAnswer = ({ status }: AnswerHead, rest: Buffer): Ending => ({
  outcome: { kind: 'success', status },
  rest,
  reply: null,
})
