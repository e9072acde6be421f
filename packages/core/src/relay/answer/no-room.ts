import type { ByteBudget } from '../../collections/byte-budget.js'
import { KeyPoolError } from '../../errors.js'
import type { AnswerHead } from './answer-head.js'
import type { Ending } from './ending.js'
import { replyOf } from './reply-of.js'

/** How long a client waits before it asks again for an answer that found no room. */
const retryAfterMs = 2_000

/**
 * The ending of an answer that cannot be held, because others fill the memory, or because the memory is too small for
 * this one alone. It blames no key, nor the caller.
 */
export function noRoom({ headers }: AnswerHead, { limit, open }: ByteBudget, bytes: number): Ending {
  const advice =
    'ask for the answer as it comes with the header x-sfpool-stream: relay, or raise the option bufferBudget.'
  const error =
    bytes > open
      ? new KeyPoolError(
          'stream_interrupted',
          `The answer is larger than what one may take of the memory for buffered bodies and answers (${open} of ${limit} bytes), so another try would end alike: ${advice}`,
        )
      : new KeyPoolError(
          'overloaded',
          `Other requests fill the memory for buffered bodies and answers (${limit} bytes). Send the request again, ${advice}`,
          { retryAfterMs },
        )
  const { message } = error
  return { outcome: { kind: 'aborted', message }, lastBytes: null, reply: replyOf(error, headers), error }
}
