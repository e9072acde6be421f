import { Readable } from 'node:stream'
import { type CallInput, createCall, type KeyPool, KeyPoolError, type RelayReport } from '@sfpool/core'
import type { Gatekeeper } from './access/gatekeeper.js'
import { sendRefusal } from './http/answer.js'
import { closeUnread } from './http/close-unread.js'
import type { IncomingRequest } from './http/incoming-request.js'
import { OverflowGuard } from './http/overflow-guard.js'
import {
  type BodyLimits,
  bodyTooLarge,
  buffersFull,
  emptyBody,
  type ReadBody,
  readBody,
} from './http/read-body.js'
import { type Refusal, refusalFrom } from './http/refusal.js'
import { upstreamPath } from './http/target.js'
import { refusedEntry, relayedEntry } from './log/request-entry.js'
import type { RequestLog } from './log/request-log.js'

/** What the route is made of. */
export interface ProxyRouteOptions {
  readonly pool: KeyPool
  readonly gatekeeper: Gatekeeper
  readonly limits: BodyLimits
  /** Whether every client may see the attempts of its request, rather than administrators only. */
  readonly trace: boolean
  /** The answer to a path that is not the upstream's. */
  readonly notFound: Refusal
  readonly log: RequestLog
  readonly now: () => number
  /** Refuses a request with a wrong key, in its own time. */
  readonly onWrongKey: (incoming: IncomingRequest, refusal: Refusal) => void
  /** Answers a request that the gateway itself failed. */
  readonly onFault: (incoming: IncomingRequest, error: unknown) => void
}

/** What the engine must know beside the request itself: where it goes, and who the caller is. */
type CallFacts = Pick<CallInput, 'path' | 'isTraced' | 'client'>

/**
 * Serves the paths of the upstream: admits the caller, reads the body, relays the call and logs one line. It makes no
 * request, response or URL object on the way. Paths that are not the upstream's are answered with 404.
 */
export class ProxyRoute {
  readonly #options: ProxyRouteOptions

  constructor(options: ProxyRouteOptions) {
    this.#options = options
  }

  serve(incoming: IncomingRequest): void {
    const { exchange, head } = incoming
    const { gatekeeper, limits, trace, onFault } = this.#options
    const path = upstreamPath(incoming.path)
    if (path === undefined) return this.#refuse(incoming, this.#options.notFound, closeUnread(incoming))
    const admission = gatekeeper.admit('client', head)
    if (admission.kind === 'refused') {
      if (admission.isWrongKey) return this.#options.onWrongKey(incoming, admission.refusal)
      return this.#refuse(incoming, admission.refusal, closeUnread(incoming))
    }
    const { client, role } = admission
    const facts = { path, isTraced: trace || role === 'admin', ...(client === null ? {} : { client }) }
    const { body } = exchange
    if (body === null) return this.#relay(incoming, emptyBody, facts)
    if (KeyPoolError.isInstance(body)) return this.#refuse(incoming, refusalFrom(body), undefined, client)
    const declared = body instanceof Readable ? head.contentLength : body.byteLength
    if (declared !== undefined && declared > limits.maxBody) {
      return this.#refuse(incoming, refusalFrom(bodyTooLarge(limits.maxBody)), exchange.close, client)
    }
    if (!(body instanceof Readable)) {
      const held = body.byteLength
      if (!limits.buffers.takeReserved(held))
        return this.#refuse(incoming, refusalFrom(buffersFull(limits.buffers, held)), undefined, client)
      return this.#relay(incoming, { kind: 'buffered', body: { bytes: body }, held }, facts)
    }
    exchange.onRead?.()
    readBody(body, limits, (result) => {
      try {
        if (result.kind === 'failed')
          this.#refuse(incoming, refusalFrom(result.error), exchange.close, client)
        else this.#relay(incoming, result, facts)
      } catch (error) {
        onFault(incoming, error)
      }
    })
  }

  #relay(incoming: IncomingRequest, read: ReadBody, facts: CallFacts): void {
    const { exchange, sink, requestId } = incoming
    const { pool, limits, onFault } = this.#options
    const { body } = read
    const guard = read.kind === 'streamed' ? new OverflowGuard(incoming, read.body.stream) : undefined
    const { method, headers } = exchange
    try {
      const call = createCall({ method, headers, body, requestId, ...facts }, pool.provider)
      pool.relay(call, guard ?? sink).then(
        (report) => {
          limits.buffers.give(read.held)
          this.#log(incoming, facts.client ?? null, report, guard)
        },
        (error) => {
          limits.buffers.give(read.held)
          onFault(incoming, error)
        },
      )
    } catch (error) {
      limits.buffers.give(read.held)
      throw error
    }
  }

  #log(
    incoming: IncomingRequest,
    client: string | null,
    given: RelayReport,
    guard: OverflowGuard | undefined,
  ): void {
    const { exchange, sink, requestId, path, startedAt } = incoming
    const { log, now, pool } = this.#options
    const { method } = exchange
    const overflow = guard?.overflow
    let report = given
    if (sink.stall !== undefined) report = { ...given, error: sink.stall }
    else if (overflow !== undefined) {
      const { error, bytes } = overflow
      report = { ...given, status: error.status, outcome: 'rejected', bytes, error }
    }
    if (sink.stall === undefined && sink.isWatched)
      sink.onLateStall = (error) => log.cutOff({ requestId, method, path }, error)
    const durationMs = now() - startedAt
    log.relayed({ requestId, method, path, durationMs }, report)
    if (pool.requests.isKept) pool.requests.add(relayedEntry(incoming, client, durationMs, report))
  }

  /**
   * Answers with a refusal. `close` is given for a request whose body was not read, and closes its connection; `client`
   * for a request that was admitted, which the request log keeps.
   */
  #refuse(
    incoming: IncomingRequest,
    refusal: Refusal,
    close?: (end: () => void) => void,
    client?: string | null,
  ): void {
    const { exchange, sink, requestId, path, startedAt } = incoming
    const { method } = exchange
    const bytes = sendRefusal({ sink, requestId, method, close }, refusal)
    const { status, code } = refusal
    const outcome = code === 'request_aborted' ? 'aborted' : 'rejected'
    const durationMs = this.#options.now() - startedAt
    this.#options.log.answered({ requestId, method, path, status, outcome, code, bytes, durationMs })
    if (client === undefined) return
    const end = { status, outcome, code, bytes, durationMs } as const
    this.#options.pool.requests.add(refusedEntry(incoming, client, end))
  }
}
