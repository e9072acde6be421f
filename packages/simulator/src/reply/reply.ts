/** One piece of a streamed body: an event of a stream, or some bytes of audio. */
export interface Piece {
  data: string | Buffer
  /** Output tokens generated so far, including this piece. */
  tokens: number
  /** Whether the piece ends the stream for its reader, as `[DONE]` does. */
  isTerminator?: boolean
}

/** An answer that is known as a whole. */
export interface WholeReply {
  kind: 'whole'
  status: number
  contentType: string
  headers?: Readonly<Record<string, string>>
  body: string | Buffer
  /** The time until the first byte. */
  firstByteMs?: number
}

/** An answer that is generated while it is sent. */
export interface StreamReply {
  kind: 'stream'
  contentType: string
  headers?: Readonly<Record<string, string>>
  pieces: Iterator<Piece>
  firstByteMs: number
  /** The time between two pieces. */
  eventMs: number
  /** Formats an error inside this stream; absent if the stream cannot contain one. */
  errorPiece?: (body: string, shape: 'bare' | 'wrapped') => string
  /** The terminator, for streams that end with one. */
  terminator?: string
  /** Called once with the number of sent output tokens, at the end or when the stream breaks off. */
  settle: (tokens: number) => void
}

export type Reply = WholeReply | StreamReply

export const jsonType = 'application/json; charset=utf-8'
export const eventStreamType = 'text/event-stream'

export function json(value: unknown, extra: Partial<Omit<WholeReply, 'kind' | 'body'>> = {}): WholeReply {
  return { kind: 'whole', status: 200, contentType: jsonType, body: JSON.stringify(value), ...extra }
}
