import { Readable } from 'node:stream'
import { type CallInput, createCall, type KeyPool, KeyPoolError, type RelayReport } from '@sfpool/core'
import type { Gatekeeper } from './access/gatekeeper.js'
import { sendRefusal } from './http/answer.js'
import type { IncomingRequest } from './http/incoming-request.js'
import { OverflowGuard } from './http/overflow-guard.js'
import { type BodyLimits, bodyTooLarge, emptyBody, type ReadBody, readBody } from './http/read-body.js'
import { type Refusal, refusalFrom } from './http/refusal.js'
import { upstreamPath } from './http/target.js'
import type { RequestLog } from './log/request-log.js'

export interface ProxyRouteOptions {
  readonly pool: KeyPool
  readonly gatekeeper: Gatekeeper
  readonly limits: BodyLimits
  /** Whether every client may see which attempts were made, rather than administrators alone. */
  readonly trace: boolean
  readonly log: RequestLog
  readonly now: () => number
  /** Answers a request that a fault of ours kept from being served. */
  readonly onFault: (incoming: IncomingRequest, error: unknown) => void
}

/** What the gatekeeper found out about the caller, as the engine wants it. */
type CallerFacts = Pick<CallInput, 'isTraced' | 'client'>

/**
 * Everything that is not a route of our own goes to the upstream: in at the gatekeeper, body read, call made, answer
 * relayed, one line logged. No request, response or URL object is made on the way.
 */
export class ProxyRoute {
  readonly #options: ProxyRouteOptions

  constructor(options: ProxyRouteOptions) {
    this.#options = options
  }

  serve(incoming: IncomingRequest): void {
    const { exchange, head } = incoming
    const { gatekeeper, limits, trace, onFault } = this.#options
    const admission = gatekeeper.admit('client', head)
    if (admission.kind === 'refused') return this.#refuse(incoming, admission.refusal)
    const { client, role } = admission
    const asked = { isTraced: trace || role === 'admin', ...(client === null ? {} : { client }) }
    const { body } = exchange
    if (body === null) return this.#relay(incoming, emptyBody, asked)
    if (KeyPoolError.isInstance(body)) return this.#refuse(incoming, refusalFrom(body))
    const declared = body instanceof Readable ? head.contentLength : body.byteLength
    if (declared !== undefined && declared > limits.maxBody) {
      return this.#refuse(incoming, refusalFrom(bodyTooLarge(limits.maxBody)), exchange.close)
    }
    if (!(body instanceof Readable)) {
      return this.#relay(incoming, { kind: 'buffered', body: { bytes: body } }, asked)
    }
    exchange.onRead?.()
    readBody(body, limits, (result) => {
      try {
        if (result.kind === 'failed') this.#refuse(incoming, refusalFrom(result.error), exchange.close)
        else this.#relay(incoming, result, asked)
      } catch (error) {
        onFault(incoming, error)
      }
    })
  }

  #relay(incoming: IncomingRequest, read: ReadBody, asked: CallerFacts): void {
    const { exchange, sink, requestId } = incoming
    const { pool, onFault } = this.#options
    const { body } = read
    const guard = read.kind === 'streamed' ? new OverflowGuard(incoming, read.body.stream) : undefined
    const { method, headers } = exchange
    const path = upstreamPath(incoming.path)
    const call = createCall({ method, path, headers, body, requestId, ...asked }, pool.provider)
    pool.relay(call, guard ?? sink).then(
      (report) => this.#log(incoming, report, guard),
      (error) => onFault(incoming, error),
    )
  }

  #log(incoming: IncomingRequest, report: RelayReport, guard: OverflowGuard | undefined): void {
    const { exchange, requestId, path, startedAt } = incoming
    const { log, now } = this.#options
    const request = { requestId, method: exchange.method, path, durationMs: now() - startedAt }
    const overflow = guard?.overflow
    if (overflow === undefined) return log.relayed(request, report)
    const { error, bytes } = overflow
    log.relayed(request, { ...report, status: error.status, outcome: 'rejected', bytes, error })
  }

  /** `close` ends the connection of a request that was not read to its end. */
  #refuse(incoming: IncomingRequest, refusal: Refusal, close?: (end: () => void) => void): void {
    const { exchange, sink, requestId, path, startedAt } = incoming
    const { method } = exchange
    const bytes = sendRefusal({ sink, requestId, method, close }, refusal)
    const { status, code } = refusal
    const outcome = code === 'request_aborted' ? 'aborted' : 'rejected'
    const durationMs = this.#options.now() - startedAt
    this.#options.log.answered({ requestId, method, path, status, outcome, code, bytes, durationMs })
  }
}
