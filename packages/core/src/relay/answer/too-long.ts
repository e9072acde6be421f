import { KeyPoolError } from '../../errors.js'
import type { AnswerHead } from './answer-head.js'
import type { Ending } from './ending.js'
import { replyOf } from './reply-of.js'

/** The most bytes of an answer that is assembled before it is sent. */
export const assemblyLimit: number = 16 * 1024 * 1024

/** The ending of an answer that is too long to assemble. It blames no key, and another key's would be as long. */
export function tooLong({ status, headers }: AnswerHead): Ending {
  const megabytes = assemblyLimit / 1024 / 1024
  const message = `The answer is longer than ${megabytes} MB, which is the most that can be turned from a stream into one reply or back. Ask for it as it comes, with the header x-sfpool-stream: relay`
  const error = new KeyPoolError('stream_interrupted', message)
  return {
    outcome: { kind: 'rejected', fault: 'caller', status, message },
    lastBytes: null,
    reply: replyOf(error, headers),
    error,
  }
}
