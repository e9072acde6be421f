import * as v from 'valibot'
import { positiveInteger, strict } from '../../validation.js'

/** Where the pool finds the session of a request, which the requests of one conversation share. */
export interface SessionOptions {
  /**
   * The places to look, in this order; the first that is there counts. `header`: a header. `user`: the body's
   * `prompt_cache_key` or `user`. `prefix`: the beginning of the messages.
   * @default ['header', 'user', 'prefix']
   */
  readonly by?: readonly ('header' | 'user' | 'prefix')[]
  /** The name of the header. @default 'x-session-id' */
  readonly header?: string
  /** How many bytes of the messages make a prefix. @default 1024 */
  readonly prefixBytes?: number
}

export const defaultSessions: Required<SessionOptions> = Object.freeze({
  by: ['header', 'user', 'prefix'] as const,
  header: 'x-session-id',
  prefixBytes: 1024,
})

/** The schema of the option `sessions`. */
export const sessionSchema: v.GenericSchema = strict(
  {
    by: v.optional(
      v.pipe(
        v.array(v.picklist(['header', 'user', 'prefix'], "must be 'header', 'user' or 'prefix'")),
        v.minLength(1, 'must name at least one of header, user and prefix'),
      ),
    ),
    header: v.optional(
      v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'must be the name of a header')),
    ),
    prefixBytes: v.optional(positiveInteger),
  },
  'must be an object of by, header and prefixBytes',
)
