import type { KeyPoolError } from '../../errors.js'
import type { Outcome } from '../../outcome/outcome.js'
import type { AnswerHead } from './answer-head.js'
import type { Reply } from './reply.js'

/** The result of reading one answer. */
export interface Ending {
  readonly outcome: Outcome
  /** The bytes that are still to go to the client, possibly none; null when the answer is not whole. */
  readonly lastBytes: Buffer | null
  /** The reply for a client that has received nothing, unless another attempt brings a better one. */
  readonly reply: Reply | null
  /** Whether the answer is whole but empty, and gives no reason for that. @default false */
  readonly isEmpty?: boolean
  /** The error of the pool that `reply` tells the client. @default null: the reply is the upstream's */
  readonly error?: KeyPoolError | null
}

/** The ending of an answer that HTTP ended and that by its own content is not over. */
export const halfAnswer: Ending = {
  outcome: { kind: 'truncated', fault: 'network', maybeRan: true, message: 'the answer ended early' },
  lastBytes: null,
  reply: null,
}

/** The ending of an answer that cannot be read, however much of it comes. */
export const unreadableAnswer: Ending = {
  outcome: {
    kind: 'upstream-error',
    fault: 'overload',
    maybeRan: true,
    message: 'the answer could not be read',
  },
  lastBytes: null,
  reply: null,
}

/** The ending of a whole but empty answer: another key may bring more, and otherwise the client gets this one. */
export const emptyAnswer = (reply: Reply): Ending => ({
  outcome: {
    kind: 'upstream-error',
    fault: 'overload',
    status: reply.status,
    maybeRan: true,
    message: 'the answer was empty',
  },
  lastBytes: null,
  reply,
  isEmpty: true,
})

/** The ending of a whole answer. */
export const wholeAnswer = ({ status }: AnswerHead, lastBytes: Buffer): Ending => ({
  outcome: { kind: 'success', status },
  lastBytes,
  reply: null,
})
