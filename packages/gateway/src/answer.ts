import type { Flow, KeyPoolError, Sink } from '@sfpool/core'
import type { Refusal } from './refusal.js'

/** For answers of our own, which are sent whole: there is nothing to resume and nothing to abort. */
const noFlow: Flow = Object.freeze({ resume: () => {}, abort: () => {} })

export interface OwnAnswer {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

/** Where an answer goes, and what it must say of the request it belongs to. */
export interface AnswerContext {
  readonly sink: Sink
  readonly requestId: string
  readonly method: string
  /** Ends the connection as well, because the request was not read to its end. */
  readonly close?: ((end: () => void) => void) | undefined
}

/** Sends an answer of our own and tells how many bytes its body has. */
export function sendAnswer(context: AnswerContext, { status, headers, body }: OwnAnswer): number {
  const { sink, close } = context
  const bytes = Buffer.from(body)
  const hasBody = context.method !== 'HEAD' && bytes.length > 0
  sink.attach(noFlow)
  sink.head(status, [
    ...headers,
    ...['content-length', String(bytes.length), 'x-request-id', context.requestId],
    ...(close === undefined ? [] : ['connection', 'close']),
  ])
  if (hasBody) sink.data(bytes)
  if (close === undefined) sink.end()
  else close(() => sink.end())
  return hasBody ? bytes.length : 0
}

/** Sends a refusal in OpenAI's error shape. */
export function sendRefusal(context: AnswerContext, { status, headers, body }: Refusal): number {
  return sendAnswer(context, { status, headers: ['content-type', 'application/json', ...headers], body })
}

/** Ends an exchange whose client left before there was an answer. */
export function sendNothing(sink: Sink, error: KeyPoolError): void {
  sink.attach(noFlow)
  sink.fail(error)
}
