import { Readable } from 'node:stream'
import { type Body, createCall, type KeyPool, KeyPoolError, type RelayReport } from '@sfpool/core'
import { sendNothing, sendRefusal } from './answer.js'
import { bodyTooLarge, type IntakeLimits, readBody } from './body-intake.js'
import type { Gatekeeper } from './gatekeeper.js'
import type { Inbound } from './inbound.js'
import { OverflowGuard } from './overflow-guard.js'
import { type Refusal, refusalFrom } from './refusal.js'
import type { RequestLog } from './request-log.js'
import { upstreamPath } from './target.js'

export interface ProxyRouteOptions {
  readonly pool: KeyPool
  readonly gatekeeper: Gatekeeper
  readonly limits: IntakeLimits
  readonly log: RequestLog
  readonly now: () => number
}

/**
 * Everything that is not a route of our own goes to the upstream: in at the gatekeeper, body read, call made, answer
 * relayed, one line logged. No request, response or URL object is made on the way.
 */
export class ProxyRoute {
  readonly #options: ProxyRouteOptions

  constructor(options: ProxyRouteOptions) {
    this.#options = options
  }

  serve(inbound: Inbound): void {
    const { exchange, head } = inbound
    const { gatekeeper, limits } = this.#options
    const refused = gatekeeper.refuse('client', head)
    if (refused !== undefined) return this.#refuse(inbound, refused)
    const { body } = exchange
    if (body === null) return this.#relay(inbound, null)
    if (KeyPoolError.isInstance(body)) return this.#refuse(inbound, refusalFrom(body))
    const declared = body instanceof Readable ? head.contentLength : body.byteLength
    if (declared !== undefined && declared > limits.maxBody) {
      return this.#turnAway(inbound, bodyTooLarge(limits.maxBody))
    }
    if (!(body instanceof Readable)) return this.#relay(inbound, { bytes: body })
    exchange.onRead?.()
    readBody(body, limits, (result) => {
      if (KeyPoolError.isInstance(result)) this.#turnAway(inbound, result)
      else this.#relay(inbound, result)
    })
  }

  #relay(inbound: Inbound, body: Body | null): void {
    const guard = body !== null && 'stream' in body ? new OverflowGuard(inbound, body.stream) : undefined
    const { exchange, sink, requestId } = inbound
    const { pool } = this.#options
    const call = createCall(
      {
        method: exchange.method,
        path: upstreamPath(inbound.path),
        headers: callHeaders(inbound),
        body,
        requestId,
      },
      pool.provider,
    )
    void pool.relay(call, guard ?? sink).then((report) => this.#log(inbound, report, guard))
  }

  #log(inbound: Inbound, report: RelayReport, guard: OverflowGuard | undefined): void {
    const { exchange, requestId, path, startedAt } = inbound
    const { log, now } = this.#options
    const request = { requestId, method: exchange.method, path, durationMs: now() - startedAt }
    if (guard?.overflow === undefined) log.relayed(request, report)
    else log.relayed({ ...request, code: guard.overflow.code }, { ...report, status: guard.overflow.status })
  }

  /** Answers a request whose body was not read to its end. */
  #turnAway(inbound: Inbound, error: KeyPoolError): void {
    if (error.code === 'request_aborted') {
      sendNothing(inbound.sink, error)
      this.#logRefusal(inbound, refusalFrom(error), 0)
    } else this.#refuse(inbound, refusalFrom(error), inbound.exchange.close)
  }

  #refuse(inbound: Inbound, refusal: Refusal, close?: (end: () => void) => void): void {
    const { exchange, sink, requestId } = inbound
    const bytes = sendRefusal({ sink, requestId, method: exchange.method, close }, refusal)
    this.#logRefusal(inbound, refusal, bytes)
  }

  #logRefusal({ exchange, requestId, path, startedAt }: Inbound, refusal: Refusal, bytes: number): void {
    const { log, now } = this.#options
    const { status, code } = refusal
    const outcome = code === 'request_aborted' ? 'aborted' : 'rejected'
    const durationMs = now() - startedAt
    log.answered({ requestId, method: exchange.method, path, status, outcome, code, bytes, durationMs })
  }
}

/**
 * The engine puts the upstream's key where the client had its own. A key in `x-api-key` was meant for us, and
 * upstreams take theirs there on Anthropic's routes only.
 */
function callHeaders({ exchange, head, path }: Inbound): readonly string[] {
  const { headers } = exchange
  if (head.apiKey === undefined || head.authorization !== undefined) return headers
  if (/^\/messages(?:[/?]|$)/.test(upstreamPath(path))) return headers
  const isKey = (index: number): boolean => headers[index - (index % 2)]?.toLowerCase() === 'x-api-key'
  return headers.filter((_, index) => !isKey(index))
}
