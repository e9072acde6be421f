import { KeyPoolError } from '../../errors.js'
import type { Ending } from './ending.js'
import { replyOf } from './reply-of.js'

/** What this machine lacks where a connection cannot even be tried. */
const exhausted = new Set<unknown>(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])
const retryAfterMs = 1_000

/** Whether a connection failed because this process or machine has no means left: no key and no upstream is to blame. */
export const isExhausted = (error: Error): boolean => exhausted.has(Reflect.get(error, 'code'))

/** The ending of a call that could not be made for want of file descriptors or memory. */
export function noDescriptor({ message: reason }: Error): Ending {
  const message = `This server has no means left for a connection to the upstream (${reason}). Send the request again; if that goes on, raise the limit of open files (ulimit -n).`
  const error = new KeyPoolError('overloaded', message, { retryAfterMs })
  return {
    outcome: { kind: 'aborted', maybeRan: false, message },
    lastBytes: null,
    reply: replyOf(error),
    error,
  }
}
