import { eventStreamType, type Piece, type StreamReply } from '../reply/reply.js'
import { type ChatPlan, settleChat } from './chat-plan.js'

/** The differences between the streams of two dialects. */
export type Dialect = Required<Pick<StreamReply, 'terminator' | 'errorPiece'>>

/** Streams that end with `[DONE]`. An error is the platform's plain body, or wrapped in an `error` object. */
export const openaiDialect: Dialect = {
  terminator: 'data: [DONE]\n\n',
  errorPiece: (body, shape) => (shape === 'bare' ? `data: ${body}\n\n` : `data: {"error":${body}}\n\n`),
}

/** Makes a stream reply from a plan. */
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
