import { KeyPoolError } from '../../errors.js'
import type { AnswerHead } from './answer-head.js'
import { jsonHeaders } from './body-headers.js'
import type { Ending } from './ending.js'

/** Bytes of an answer that is kept until it is whole. */
export const assemblyLimit: number = 16 * 1024 * 1024

/** An answer that cannot be kept until it is whole. Nobody's fault, and no other key's answer would be shorter. */
export function tooLong({ status, headers }: AnswerHead): Ending {
  const megabytes = assemblyLimit / 1024 / 1024
  const message = `The answer is longer than ${megabytes} MB, which is the most that can be turned from a stream into one reply or back. Ask for it as it comes, with the header x-sfpool-stream: relay`
  const error = new KeyPoolError('stream_interrupted', message)
  const body = Buffer.from(JSON.stringify(error.toBody()))
  return {
    outcome: { kind: 'rejected', fault: 'caller', status, message },
    rest: null,
    reply: { status: error.status, headers: jsonHeaders(headers, body.length), body },
  }
}
