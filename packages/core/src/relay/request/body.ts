import type { Readable } from 'node:stream'

/**
 * A request's body: bytes that every attempt can send again, or a stream that can be sent once. Bodies above the
 * replay limit are streams, and their requests get a single attempt.
 */
export type Body = { readonly bytes: Uint8Array } | { readonly stream: Readable; readonly head: Uint8Array }
