import { eventStreamType, type Piece, type StreamReply } from '../reply/reply.js'
import { type ChatPlan, settleChat } from './chat-plan.js'

/** What differs between the streams of two dialects. */
export type Dialect = Required<Pick<StreamReply, 'terminator' | 'errorPiece'>>

/** A stream that ends with `[DONE]`; an error in it is the platform's body as it is, or inside an `error` object. */
export const openaiDialect: Dialect = {
  terminator: 'data: [DONE]\n\n',
  errorPiece: (body, shape) => (shape === 'bare' ? `data: ${body}\n\n` : `data: {"error":${body}}\n\n`),
}

/** A plan as server-sent events. */
export function eventStream(plan: ChatPlan, pieces: Iterator<Piece>, dialect: Dialect): StreamReply {
  return {
    kind: 'stream',
    contentType: eventStreamType,
    headers: { 'cache-control': 'no-cache' },
    pieces,
    firstByteMs: plan.firstByteMs,
    eventMs: plan.eventMs,
    ...dialect,
    settle: (tokens) => settleChat(plan, tokens),
  }
}
