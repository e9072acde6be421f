import type { Provider, Route } from '../../provider/provider.js'
import { headerValue, rawHeaderValue } from '../../wire/headers.js'
import type { Body } from './body.js'
import { upstreamHeaders } from './headers.js'
import { peekModel } from './peek-model.js'
import { isFleetingResponse } from './stream-flags.js'
import { askedFormOf, type StreamForm } from './stream-form.js'

/** A request as the client sent it. */
export interface CallInput {
  readonly method: string
  /** The path below the upstream's base URL, query included, as in `/chat/completions?x=1`. */
  readonly path: string
  /** A flat list: name, value, name, value… */
  readonly headers: readonly string[]
  readonly body: Body | null
  /** Returned to the client as `x-request-id`. @default none is sent */
  readonly requestId?: string
  /** The client's name in the ledger, which is not sent to the upstream. @default none */
  readonly client?: string
  /** Whether the client may see which attempts were made, in the header `x-sfpool-trace`. @default false */
  readonly isTraced?: boolean
}

/** A client's request, ready to be sent under any key. */
export interface Call {
  readonly requestId: string | null
  readonly isTraced: boolean
  /** The client's name in the ledger. */
  readonly client: string | null
  readonly method: string
  readonly path: string
  readonly route: Route
  /** A flat list with names in lower case, without the client's connection, keys, cookies and address. */
  readonly headers: readonly string[]
  /** The header that carries the upstream's key. */
  readonly credentialHeader: 'authorization' | 'x-api-key'
  readonly body: Body | null
  /** The model that the upstream is asked for; `''` when the request names none. */
  readonly model: string
  /** The model that the client named, which may be an alias. */
  readonly askedModel: string
  /** The form that the client asks for in the header `x-sfpool-stream`; null for none. */
  readonly askedForm: StreamForm | null
  /**
   * How the answer is streamed. The fields below are set only when the option `streams` or the client asks for another
   * form.
   */
  readonly form: StreamForm
  /** Whether the client asked for a stream. */
  readonly wantsStream: boolean
  /** Whether the client asked for the usage at the end of its stream. */
  readonly wantsUsage: boolean
  /** Whether the upstream is asked for usage that the client did not ask for. */
  readonly hidesUsage: boolean
}

/** Prepares a client's request once, so that each attempt only adds its key. */
export function createCall(input: CallInput, provider: Provider): Call {
  const { method, path, body } = input
  const headers = upstreamHeaders(input.headers)
  const route = routeOf(provider.route(method, path), body)
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

/** A response that is streamed is text like any other: it may be generated again while the client has none of it. */
function routeOf(route: Route, body: Body | null): Route {
  if (route.terminator !== 'response_end' || body === null || route.repeat === 'safe') return route
  return isFleetingResponse(bytesOf(body)) ? { ...route, repeat: 'safe' } : route
}

/**
 * Whether a client sends its key as Anthropic's clients do: in `x-api-key`, without `authorization`. The upstream
 * accepts that header on Anthropic's routes only; on other routes it is meant for the gateway.
 */
const usesApiKeyHeader = (headers: readonly string[]): boolean =>
  rawHeaderValue(headers, 'x-api-key') !== undefined && rawHeaderValue(headers, 'authorization') === undefined

/** The bytes of a body that are in memory: all of them, or the head of a stream. */
export function bytesOf(body: Body): Buffer {
  const bytes = 'bytes' in body ? body.bytes : body.head
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
