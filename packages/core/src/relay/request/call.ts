import type { Provider, Route } from '../../provider/provider.js'
import { headerValue, rawHeaderValue } from '../../wire/headers.js'
import type { Body } from './body.js'
import { upstreamHeaders } from './headers.js'
import { peekModel } from './peek-model.js'
import { askedFormOf, type StreamForm } from './stream-form.js'

/** A request as a client made it, before any hygiene. */
export interface CallInput {
  readonly method: string
  /** Below the upstream's base URL, query included, as in `/chat/completions?x=1`. */
  readonly path: string
  /** Flat list: name, value, name, value… */
  readonly headers: readonly string[]
  readonly body: Body | null
  /** Given back as `x-request-id`. @default none is sent */
  readonly requestId?: string
  /** Who asks, for the ledger; not sent. @default nobody in particular */
  readonly client?: string
  /** Whether the client may see which attempts were made, in the header `x-sfpool-trace`. @default false */
  readonly isTraced?: boolean
}

/** What the client asked, ready to be sent under any key. */
export interface Call {
  readonly requestId: string | null
  readonly isTraced: boolean
  /** Who asks, for the ledger. */
  readonly client: string | null
  readonly method: string
  readonly path: string
  readonly route: Route
  /** Cleaned: names in lower case, nothing of the client's connection, keys, cookies or whereabouts. */
  readonly headers: readonly string[]
  /** The header that carries the upstream's key. */
  readonly credentialHeader: 'authorization' | 'x-api-key'
  readonly body: Body | null
  /** The model that is to serve; `''` when the request names none. */
  readonly model: string
  /** The name that the client gave, which may be an alias. */
  readonly askedModel: string
  /** How the client asks to be streamed to, in the header `x-sfpool-stream`; null when it does not say. */
  readonly askedForm: StreamForm | null
  /** How its answer is streamed. What follows is known where the option `streams` or the client asks for something. */
  readonly form: StreamForm
  /** The client asked for a stream. */
  readonly wantsStream: boolean
  /** The client asked for the usage at the end of its stream. */
  readonly wantsUsage: boolean
  /** The upstream was asked for usage that the client did not ask for. */
  readonly hidesUsage: boolean
}

/** Prepares a client's request once, so that each attempt only adds its key. */
export function createCall(input: CallInput, provider: Provider): Call {
  const { method, path, body } = input
  const headers = upstreamHeaders(input.headers)
  const route = provider.route(method, path)
  const model = body === null ? '' : (peekModel(bytesOf(body), headerValue(headers, 'content-type')) ?? '')
  return {
    requestId: input.requestId ?? null,
    isTraced: input.isTraced ?? false,
    client: input.client ?? null,
    method,
    path,
    route,
    headers,
    credentialHeader:
      route.name === 'messages' && usesApiKeyHeader(input.headers) ? 'x-api-key' : 'authorization',
    body,
    model,
    askedModel: model,
    askedForm: askedFormOf(input.headers),
    form: 'relay',
    wantsStream: false,
    wantsUsage: false,
    hidesUsage: false,
  }
}

/**
 * Anthropic's clients send `x-api-key` and no `authorization`. On other routes such a header was meant for whoever
 * stands before the upstream, which takes it there on Anthropic's routes only.
 */
const usesApiKeyHeader = (headers: readonly string[]): boolean =>
  rawHeaderValue(headers, 'x-api-key') !== undefined && rawHeaderValue(headers, 'authorization') === undefined

/** The bytes at hand: all of them, or the head of a stream. */
export function bytesOf(body: Body): Buffer {
  const bytes = 'bytes' in body ? body.bytes : body.head
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
