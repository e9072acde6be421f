import type { Sink } from '@sfpool/core'
import type { Refusal } from './refusal.js'

/** An answer that the gateway makes itself. */
export interface Answer {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

/** The sink that an answer goes to, and the facts of the request that shape it. */
export interface AnswerContext {
  readonly sink: Sink
  readonly requestId: string
  readonly method: string
  /** Given when the request was not read to its end: the connection is closed after the answer. */
  readonly close?: ((end: () => void) => void) | undefined
}

/** Sends an answer and returns the bytes of its body; 0 when the client has left. */
export function sendAnswer(context: AnswerContext, answer: Answer): number {
  return isClientThere(context.sink) ? writeAnswer(context, answer) : 0
}

/** Sends a refusal in OpenAI's error shape. */
export function sendRefusal(context: AnswerContext, refusal: Refusal): number {
  return sendAnswer(context, refusalAnswer(refusal))
}

/** Sends a refusal into a sink that has a flow attached already. */
export function writeRefusal(context: AnswerContext, refusal: Refusal): number {
  return writeAnswer(context, refusalAnswer(refusal))
}

/** A refusal as an answer in OpenAI's error shape. */
export function refusalAnswer({ status, headers, body }: Refusal, more: readonly string[] = []): Answer {
  return { status, headers: ['content-type', 'application/json', ...more, ...headers], body }
}

function isClientThere(sink: Sink): boolean {
  let isThere = true
  const abort = (): void => {
    isThere = false
  }
  sink.attach({ resume: () => {}, abort })
  return isThere
}

function writeAnswer(context: AnswerContext, { status, headers, body }: Answer): number {
  const { sink, close, method, requestId } = context
  const bytes = method === 'HEAD' ? null : Buffer.from(body)
  sink.head(status, [
    ...headers,
    ...(status === 204 ? [] : ['content-length', String(Buffer.byteLength(body))]),
    ...['x-request-id', requestId],
    ...(close === undefined ? [] : ['connection', 'close']),
  ])
  if (close === undefined) sink.end(bytes ?? undefined)
  else {
    if (bytes !== null) sink.data(bytes)
    close(() => sink.end())
  }
  return bytes?.length ?? 0
}
