import { type KeyPool, KeyPoolError, type Runtime, systemRuntime } from '@sfpool/core'
import { BrowserGuard } from './access/browser-guard.js'
import { type CorsPolicy, corsHeaders, corsPolicy, preflightAnswer } from './access/cors.js'
import { Gatekeeper } from './access/gatekeeper.js'
import { WrongKeys } from './access/wrong-keys.js'
import { type Answer, sendAnswer, sendRefusal, writeRefusal } from './http/answer.js'
import { closeUnread } from './http/close-unread.js'
import type { Exchange } from './http/exchange.js'
import { GatewaySink } from './http/gateway-sink.js'
import type { IncomingRequest } from './http/incoming-request.js'
import { isForbidden, refusedMethod } from './http/methods.js'
import { type Refusal, refusal } from './http/refusal.js'
import { type RequestHead, readHead } from './http/request-head.js'
import { requestIds } from './http/request-ids.js'
import { StallWatch } from './http/stall-watch.js'
import { pathnameOf, pathOf } from './http/target.js'
import { webExchange } from './http/web-exchange.js'
import { type RequestLog, requestLog } from './log/request-log.js'
import {
  type AccessKeys,
  checkKeys,
  checkOptions,
  defaultMaxBody,
  defaultMinRate,
  defaultStallMs,
  type GatewayOptions,
} from './options.js'
import { ProxyRoute } from './proxy-route.js'
import { type OwnRoutes, ownRoutes } from './routes/own-routes.js'
import { serveOwnRoute } from './routes/serve-own-route.js'

declare const __SFPOOL_VERSION__: string

/** A pool as a shared service. */
export interface Gateway {
  /** Serves one exchange of any server. Never throws; answers through the exchange's sink. */
  handle(exchange: Exchange): void
  /**
   * Serves a request of a web runtime. `target` is path and query below a mount.
   * @default target the request's own URL
   */
  fetch(request: Request, target?: string): Promise<Response>
  /**
   * Lets in the callers with these keys, and no others, from now on. Throws a `ConfigError`, and changes nothing, for
   * keys that are wrong, or when clients would need a key that needed none before, or the other way about.
   */
  replaceKeys(keys: AccessKeys): void
  /** Writes what the request log still holds. The pool stays open: the app that made it closes it. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Makes a pool a shared service: client keys, routes, request log. Mount it with `@sfpool/server-adapters`, or call
 * `fetch` on a web runtime. Throws a `ConfigError` on a wrong option.
 */
export function createGateway(pool: KeyPool, options: GatewayOptions = {}): Gateway {
  checkOptions(options)
  return new PoolGateway(pool, options)
}

/** Answers to wrong keys that may wait at the same time. */
const maxHeldAnswers = 1000

/** What the log says of an answer of the gateway itself. */
interface AnswerFacts {
  readonly status: number
  readonly bytes: number
  readonly code?: string
  readonly isRoutine?: boolean
  readonly address?: string | undefined
}

class PoolGateway implements Gateway {
  readonly #basePath: string
  readonly #cors: CorsPolicy
  readonly #browserGuard: BrowserGuard
  readonly #gatekeeper: Gatekeeper
  readonly #isGuarded: boolean
  readonly #wrongKeys: WrongKeys
  readonly #setTimer: Runtime['setTimer']
  #heldAnswers = 0
  readonly #idFor: (given: string | undefined) => string
  readonly #log: RequestLog
  readonly #notFound: Refusal
  readonly #now: () => number
  readonly #own: OwnRoutes
  readonly #proxy: ProxyRoute
  readonly #sendWatch: StallWatch

  constructor(pool: KeyPool, options: GatewayOptions) {
    const runtime: Runtime = { ...systemRuntime, ...options.runtime }
    const gatekeeper = new Gatekeeper(options.clientKeys ?? [], options.adminKey)
    this.#gatekeeper = gatekeeper
    this.#isGuarded = (options.clientKeys ?? []).length > 0
    this.#wrongKeys = new WrongKeys(runtime.now)
    this.#setTimer = runtime.setTimer
    this.#basePath = (options.basePath ?? '').replace(/\/$/, '')
    this.#notFound = refusal(
      'not_found',
      `Nothing is served here. The API is below ${this.#basePath}/v1, as in ${this.#basePath}/v1/chat/completions.`,
    )
    this.#cors = corsPolicy(options.cors)
    this.#browserGuard = new BrowserGuard(options.localOnly === true, this.#cors)
    this.#idFor = requestIds(runtime)
    this.#sendWatch = new StallWatch(options.sendTimeoutMs ?? defaultStallMs, runtime)
    this.#log = requestLog(options.logger, runtime.now)
    this.#now = runtime.now
    this.#own = ownRoutes(
      {
        pool,
        name: options.name ?? 'sfpool',
        version: options.version ?? __SFPOOL_VERSION__,
        isGuarded: this.#isGuarded,
        reloadKeys: options.reloadKeys ?? (() => pool.reload()),
        log: this.#log,
        now: runtime.now,
      },
      gatekeeper,
    )
    this.#proxy = new ProxyRoute({
      pool,
      gatekeeper,
      limits: {
        maxBody: options.maxBody ?? defaultMaxBody,
        replayLimit: pool.replayLimit,
        buffers: pool.buffers,
        watch: new StallWatch(options.bodyTimeoutMs ?? defaultStallMs, runtime),
        minRate: options.bodyMinRate ?? defaultMinRate,
      },
      trace: options.trace === true,
      notFound: this.#notFound,
      log: this.#log,
      now: runtime.now,
      onWrongKey: (incoming, refused) => this.#refuseWrongKey(incoming, refused),
      onFault: (incoming, error) => this.#answerFault(incoming, error),
    })
  }

  handle(exchange: Exchange): void {
    const head = readHead(exchange.headers)
    const path = pathOf(exchange.target, this.#basePath)
    const incoming: IncomingRequest = {
      exchange,
      head,
      requestId: this.#idFor(head.requestId),
      path: path ?? exchange.target,
      sink: new GatewaySink(exchange.sink, corsHeaders(this.#cors, head.origin), this.#sendWatch),
      startedAt: this.#now(),
    }
    try {
      if (isForbidden(exchange.method)) return this.#refuse(incoming, refusedMethod(exchange.method))
      if (exchange.method === 'OPTIONS' && this.#answerPreflight(incoming)) return
      if (head.ambiguity !== undefined) return this.#refuseAmbiguous(incoming, head.ambiguity)
      const pathname = path === undefined ? undefined : pathnameOf(path)
      const open = pathname === undefined ? undefined : this.#own.publicAnswer(exchange.method, pathname)
      const foreign =
        this.#browserGuard.check(head) ?? (open === undefined ? this.#refusedSite(head) : undefined)
      if (foreign !== undefined) this.#refuse(incoming, foreign)
      else if (open !== undefined) this.#answerOpen(incoming, open)
      else if (pathname === undefined) this.#refusePath(incoming)
      else if (this.#own.has(pathname)) void this.#serveOwnRoute(incoming)
      else this.#proxy.serve(incoming)
    } catch (error) {
      this.#answerFault(incoming, error)
    }
  }

  fetch(request: Request, target: string = request.url): Promise<Response> {
    const { exchange, response } = webExchange(request, target)
    this.handle(exchange)
    return response
  }

  replaceKeys(keys: AccessKeys): void {
    checkKeys(keys, this.#isGuarded)
    this.#gatekeeper.replaceKeys(keys.clientKeys ?? [], keys.adminKey)
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #answerPreflight(incoming: IncomingRequest): boolean {
    const { exchange, requestId } = incoming
    const answer = preflightAnswer(this.#cors, exchange.headers)
    if (answer === undefined) return false
    // Avoids the sink that adds the policy's headers: the answer to a preflight has its own.
    const bytes = sendAnswer({ sink: exchange.sink, requestId, method: exchange.method }, answer)
    this.#answered(incoming, { status: answer.status, bytes, isRoutine: true })
    return true
  }

  #refusedSite(head: RequestHead): Refusal | undefined {
    return head.fetchSite === undefined ? undefined : this.#browserGuard.checkSite(head)
  }

  #answerOpen(incoming: IncomingRequest, answer: Answer): void {
    const { exchange, sink, requestId, path } = incoming
    const bytes = sendAnswer({ sink, requestId, method: exchange.method }, answer)
    const isRoutine = /^\/(?:healthz|readyz)(?:\?|$)/.test(path)
    this.#answered(incoming, { status: answer.status, bytes, isRoutine })
  }

  #refusePath(incoming: IncomingRequest): void {
    const { exchange } = incoming
    const refused =
      this.#basePath !== '' && pathOf(exchange.target, '') !== undefined
        ? this.#notFound
        : refusal(
            'invalid_path',
            'The path must begin with / and must not hold dot segments or control characters.',
          )
    this.#refuse(incoming, refused)
  }

  /** Refuses a request whose end is uncertain. What follows on its connection cannot be trusted. */
  #refuseAmbiguous(incoming: IncomingRequest, why: string): void {
    this.#refuse(incoming, refusal('invalid_request', why), { close: incoming.exchange.close })
  }

  /** Refuses a wrong key: at once, or later where its address has shown many. */
  #refuseWrongKey(incoming: IncomingRequest, refused: Refusal): void {
    const address = incoming.exchange.peer?.remoteAddress
    const delayMs = this.#wrongKeys.count(address)
    const close = closeUnread(incoming)
    if (delayMs === 0) return this.#refuse(incoming, refused, { address, close })
    // Held answers hold connections, so there must not be any number of them.
    if (this.#heldAnswers >= maxHeldAnswers) {
      const retryAfter = ['retry-after', String(Math.ceil(delayMs / 1000))]
      return this.#refuse(
        incoming,
        refusal('too_many_wrong_keys', 'Too many wrong keys were sent.', retryAfter),
        { address, close },
      )
    }
    this.#heldAnswers++
    this.#setTimer(() => {
      this.#heldAnswers--
      this.#refuse(incoming, refused, { address, close })
    }, delayMs)
  }

  #refuse(
    incoming: IncomingRequest,
    refused: Refusal,
    more: { close?: Exchange['close']; address?: string | undefined } = {},
  ): void {
    const { close, address } = more
    const { exchange, sink, requestId } = incoming
    const bytes = sendRefusal({ sink, requestId, method: exchange.method, close }, refused)
    this.#answered(incoming, { ...refused, bytes, address })
  }

  async #serveOwnRoute(incoming: IncomingRequest): Promise<void> {
    const access = this.#own.accessOf(pathnameOf(incoming.path)) ?? 'public'
    const admission = this.#gatekeeper.admit(access, incoming.head)
    if (admission.kind === 'refused' && admission.isWrongKey) {
      return this.#refuseWrongKey(incoming, admission.refusal)
    }
    try {
      this.#answered(incoming, await serveOwnRoute(incoming, this.#own))
    } catch (error) {
      this.#answerFault(incoming, error)
    }
  }

  /** Ends a request that the gateway itself failed: the log gets the error, the client an answer if none has begun. */
  #answerFault(incoming: IncomingRequest, error: unknown): void {
    const { exchange, sink, requestId } = incoming
    this.#log.failed('A request could not be served', error)
    const refused = refusal('internal_error', 'The gateway failed; its log says why.')
    if (sink.hasHead) sink.fail(new KeyPoolError('stream_interrupted', 'The gateway failed.'))
    else writeRefusal({ sink, requestId, method: exchange.method }, refused)
    this.#answered(incoming, { ...refused, bytes: 0 })
  }

  #answered(
    { exchange, sink, requestId, path, startedAt }: IncomingRequest,
    { status, bytes, code, isRoutine, address }: AnswerFacts,
  ): void {
    const outcome = status < 400 ? 'success' : 'rejected'
    const durationMs = this.#now() - startedAt
    const { method } = exchange
    if (sink.isWatched) sink.onLateStall = (error) => this.#log.cutOff({ requestId, method, path }, error)
    this.#log.answered({
      requestId,
      method,
      path,
      status,
      bytes,
      code,
      outcome,
      durationMs,
      isRoutine,
      address,
    })
  }
}
