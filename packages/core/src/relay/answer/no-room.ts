import type { ByteBudget } from '../../collections/byte-budget.js'
import { KeyPoolError } from '../../errors.js'
import type { AnswerHead } from './answer-head.js'
import { jsonHeaders } from './body-headers.js'
import type { Ending } from './ending.js'

/** How long a client waits before it asks again for an answer that found no room. */
const retryAfterMs = 2_000

/** The ending of an answer that cannot be held because others fill the memory. It blames no key, nor the caller. */
export function noRoom({ headers }: AnswerHead, { limit }: ByteBudget): Ending {
  const message = `Other requests fill the memory for buffered bodies and answers (${limit} bytes). Send the request again, ask for the answer as it comes with the header x-sfpool-stream: relay, or raise the option bufferBudget.`
  const error = new KeyPoolError('overloaded', message, { retryAfterMs })
  const body = Buffer.from(JSON.stringify(error.toBody()))
  return {
    outcome: { kind: 'aborted', message },
    lastBytes: null,
    reply: {
      status: error.status,
      headers: [...jsonHeaders(headers, body.length), 'retry-after', String(retryAfterMs / 1000)],
      body,
    },
  }
}
