import type { Outcome } from '../../outcome/outcome.js'
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
