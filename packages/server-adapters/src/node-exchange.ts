import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { nodeSink, type Runtime, systemRuntime } from '@sfpool/core'
import type { Exchange } from '@sfpool/gateway'
import { bodyReadBefore } from './body-read-before.js'
import { lingerMs } from './end-soon.js'
import { isPatched, PatchedResponseSink } from './patched-response-sink.js'

/** What a framework knows of a request better than node's own objects. */
export interface Mounting {
  /** Path and query below the mount. @default the request's url */
  readonly target?: string
  /** The body, where the framework holds it. @default read from the request, or what a parser left in `request.body` */
  readonly body?: Exchange['body']
  /** Called before the body is read. */
  readonly onRead?: () => void
}

/** Makes an exchange of node's request and response, as node and the frameworks built on it have them. */
export function nodeExchange(
  request: IncomingMessage,
  response: ServerResponse,
  mounting: Mounting = {},
): Exchange {
  const body = mounting.body === undefined ? bodyOf(request) : mounting.body
  if (body instanceof Readable && body !== request) endWith(request, body)
  return {
    method: request.method ?? 'GET',
    target: mounting.target ?? request.url ?? '/',
    headers: headersOf(request, body),
    body,
    sink: isPatched(response) ? new PatchedResponseSink(response) : nodeSink(response),
    peer: request.socket,
    onRead: mounting.onRead,
    close: (end) => closeGently(request, end, systemRuntime),
  }
}

/** Whether the app has read the body, so that the request's stream holds nothing more. */
export function isBodyRead(request: IncomingMessage): boolean {
  return request.readableDidRead
}

/**
 * Closes a connection whose request was answered before it was read. Closing it at once would make the system discard
 * the answer together with the unread bytes, so these are read and dropped until the client stops or the time is up.
 */
export function closeGently(
  request: IncomingMessage,
  end: () => void,
  { setTimer, clearTimer }: Pick<Runtime, 'setTimer' | 'clearTimer'>,
): void {
  if (request.complete || request.destroyed) return end()
  let isOver = false
  const finish = (): void => {
    if (isOver) return
    isOver = true
    clearTimer(timer)
    end()
  }
  const timer = setTimer(finish, lingerMs)
  request.on('end', finish)
  request.on('close', finish)
  request.on('error', finish)
  request.resume()
}

/** Destroys a stream that the app made of the request when the client leaves, which the stream itself does not notice. */
function endWith(request: IncomingMessage, body: Readable): void {
  request.on('close', () => {
    if (!request.complete) body.destroy()
  })
}

function bodyOf(request: IncomingMessage): Exchange['body'] {
  if (!hasBody(request)) return null
  return isBodyRead(request) ? bodyReadBefore(request) : request
}

/** Whether a request has a body. HTTP/1 announces it by a header; HTTP/2 need not. */
function hasBody({ headers, httpVersionMajor }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  const length = headers['content-length']
  return length === undefined ? httpVersionMajor > 1 : length !== '0'
}

function headersOf(request: IncomingMessage, body: Exchange['body']): readonly string[] {
  const { rawHeaders, httpVersionMajor } = request
  const isParsed = body instanceof Uint8Array && isBodyRead(request)
  if (!isParsed && httpVersionMajor < 2) return rawHeaders
  const kept: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    // HTTP/2's pseudo headers must not be sent on, and a body that a parser read is no longer compressed.
    if (name.startsWith(':') || (isParsed && name.toLowerCase() === 'content-encoding')) continue
    kept.push(name, rawHeaders[index + 1] as string)
  }
  return kept
}
