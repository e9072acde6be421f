import type { Verdict } from './balance/verdict.js'
import type { CheckOptions } from './check-options.js'
import { KeyPoolError } from './errors.js'
import { EventBoard, type PoolEvents } from './events.js'
import { type BalanceOptions, Inspection, type PoolBalance } from './inspection.js'
import type { Outcome } from './key/outcome.js'
import { closedRefusal, type Refusal, strategyRefusal } from './key/refusal.js'
import { revealSecret, withoutSecret } from './key/secret.js'
import type { Turn } from './key/turn.js'
import { viewOf } from './key/view.js'
import { KeySet } from './key-set.js'
import { Keyring, type Wanted } from './keyring.js'
import { Lease, type LeaseOwner } from './lease.js'
import { type CheckedOptions, checkOptions, type PoolOptions } from './options.js'
import { Persistence } from './persistence.js'
import type { Provider } from './provider/provider.js'
import { Attempt } from './relay/attempt.js'
import type { Call } from './relay/call.js'
import { type FailoverParts, failover, type RelayReport } from './relay/failover.js'
import { poolFetch } from './relay/fetch.js'
import type { Sink } from './relay/sink.js'
import { Upstream } from './relay/upstream.js'
import { memoryStore } from './store/memory.js'
import type { Store } from './store/store.js'
import { namedStrategy } from './strategy/named.js'
import { undiciTransport } from './transport/undici.js'
import { Counters } from './usage/counters.js'
import { type PoolStats, statsOf } from './usage/stats.js'
import type { Usage } from './usage/usage.js'

/**
 * A pool of API keys behind one endpoint.
 *
 * @example
 * const pool = new KeyPool({ keys: ['sk-a', 'sk-b'] })
 * const openai = new OpenAI({ apiKey: 'pool', baseURL: pool.baseURL, fetch: pool.fetch })
 *
 * @throws ConfigError from the constructor, naming the option, the rule it breaks and the value received.
 */
export class KeyPool {
  /** What SDKs are given as their base URL. */
  readonly baseURL: string
  /** A drop-in `fetch` that sends what lies below `baseURL` under a key of the pool, with failover. */
  readonly fetch: typeof fetch
  readonly provider: Provider
  /** Adds, removes, switches, lists and exports keys. */
  readonly keys: KeySet
  /** Resolves when the store is loaded; rejects with `store_failed` when it cannot be. Requests wait for it. */
  readonly ready: Promise<void>
  /** Bodies up to this many bytes can be sent again by failover. */
  readonly replayLimit: number
  readonly #keyring: Keyring
  readonly #upstream: Upstream
  readonly #events = new EventBoard()
  readonly #persistence: Persistence
  readonly #inspection: Inspection
  readonly #counters = new Counters()
  readonly #failoverParts: FailoverParts
  readonly #leaseOwner: LeaseOwner
  readonly #startedAt: string
  readonly #store: Store
  readonly #loaded: Promise<void>
  #isReady = false
  /** Why no request is served at all: the store cannot be read, or the pool is closed. */
  #refusal: Refusal | null = null
  #closing: Promise<void> | null = null

  constructor(options: PoolOptions = {}) {
    const { keys, provider, strategy, store, timeouts, replayLimit, errors, runtime, transport } =
      checkOptions(options)
    this.#store = store ?? memoryStore()
    this.provider = provider
    this.replayLimit = replayLimit
    this.#startedAt = new Date(runtime.now()).toISOString()
    this.#upstream = new Upstream({
      provider,
      transport: transport ?? undiciTransport({ connectTimeoutMs: timeouts.connect }),
      timeouts,
      runtime,
    })
    this.baseURL = this.#upstream.baseURL(provider.site)
    this.#persistence = new Persistence(this.#store, runtime, this.#events)
    this.#keyring = new Keyring({
      strategy: typeof strategy === 'object' ? strategy : namedStrategy(strategy, runtime.random),
      runtime,
      events: this.#events,
      dayOffsetMs: provider.dayOffsetMs,
      onChange: (key, account) => this.#persistence.touch(key, account),
    })
    this.#inspection = new Inspection(this.#keyring, this.#upstream, this.#events)
    this.keys = new KeySet({
      keyring: this.#keyring,
      store: this.#store,
      provider,
      runtime,
      events: this.#events,
      loaded: () => {
        this.#assertOpen()
        return this.#loaded
      },
    })
    this.#leaseOwner = this.#makeLeaseOwner()
    this.#failoverParts = this.#makeFailoverParts(errors)
    this.fetch = poolFetch({
      provider: this.provider,
      baseURL: this.baseURL,
      relay: (call, sink) => this.relay(call, sink),
    })
    this.#loaded = this.#persistence.follow(() => this.keys.reload())
    this.ready = this.#start(keys)
    // Whoever awaits `ready` sees the failure; whoever does not must not lose the process to it.
    this.ready.catch((error: Error) => {
      this.#refusal ??= { code: 'store_failed', message: error.message, retryAfterMs: undefined }
    })
  }

  /**
   * The right to use one key once, for callers with a client of their own. Throws a `KeyPoolError` when no key can
   * serve (`no_keys`, `all_keys_cooling` with `retryAfterMs`, `all_keys_exhausted`, `all_keys_invalid`), or the pool
   * cannot (`store_failed`, `pool_closed`); the signal's own reason when it fires first.
   */
  async acquire(request: { readonly model?: string; readonly signal?: AbortSignal } = {}): Promise<Lease> {
    if (!this.#isReady) await this.ready
    request.signal?.throwIfAborted()
    this.#assertOpen()
    const taken = this.#take({ model: request.model ?? '', tried: null, lastResorts: 1 })
    if (taken instanceof Lease) return taken
    const { code, message, retryAfterMs } = taken
    throw new KeyPoolError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs })
  }

  /**
   * The engine itself, for servers: sends a call under a key of the pool and gives the answer to the sink, with
   * failover until the first output. Never rejects; what went wrong is in the answer and in the report.
   */
  relay(call: Call, sink: Sink): Promise<RelayReport> {
    if (this.#isReady) return failover(call, sink, this.#failoverParts)
    return this.ready.catch(() => {}).then(() => failover(call, sink, this.#failoverParts))
  }

  /** Checks keys by a free request each; verdicts come as they are found. Corrects the health of the pool's own keys. */
  async *check(options: CheckOptions = {}): AsyncGenerator<Verdict> {
    await this.ready
    yield* this.#inspection.check(options)
  }

  /** What is left, by account; `refresh` asks the upstream first. */
  async balance(options: BalanceOptions = {}): Promise<PoolBalance> {
    await this.ready
    return this.#inspection.balance(options)
  }

  stats(): PoolStats {
    return statsOf(this.#keyring.keys.values(), this.#counters, this.#startedAt)
  }

  /**
   * Reads the keys again from the store, as happens by itself soon after another process changed them. Resolves with
   * how many there are now.
   */
  async reload(): Promise<number> {
    this.#assertOpen()
    await this.#loaded
    await this.keys.reload()
    return this.#keyring.keys.size
  }

  on<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): this {
    this.#events.on(name, listener)
    return this
  }

  off<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): this {
    this.#events.off(name, listener)
    return this
  }

  /** Writes what is left to write, then closes store and connections. Requests still running are cut off. */
  close(): Promise<void> {
    this.#refusal = closedRefusal
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(keys: CheckedOptions['keys']): Promise<void> {
    await this.#loaded
    if (keys.length > 0) await this.keys.add(keys)
    this.#isReady = true
  }

  async #close(): Promise<void> {
    await this.#loaded.catch(() => {})
    await this.keys.settled()
    await this.#upstream.transport.close()
    await this.#persistence.close()
  }

  #take(wanted: Wanted): Lease | Refusal {
    try {
      const taken = this.#keyring.take(wanted)
      return 'code' in taken ? taken : new Lease(this.#leaseOwner, taken)
    } catch (error) {
      // A strategy of the user's threw: that must cost an answer, not the process.
      return strategyRefusal(error)
    }
  }

  #settle(turn: Turn, given: Outcome, usage: Usage | null): void {
    const { key, model, startedAt } = turn
    const outcome = withoutSecret(given, key.secret)
    this.#keyring.settle(turn, outcome, usage)
    if (!this.#events.has('attempt-end')) return
    const durationMs = this.#upstream.runtime.now() - startedAt
    this.#events.emit('attempt-end', { key: key.id, model, outcome, durationMs })
  }

  #makeLeaseOwner(): LeaseOwner {
    return {
      settle: (turn, outcome, usage) => this.#settle(turn, outcome, usage),
      viewOf: (key) => viewOf(key, this.keys.viewContext()),
      baseURLOf: (key) => this.#upstream.baseURL(key.site),
      classify: (answer) => this.provider.classify(answer),
    }
  }

  #makeFailoverParts(errors: 'openai' | 'passthrough'): FailoverParts {
    const upstream = this.#upstream
    const { total } = upstream.timeouts
    return {
      acquire: (wanted) => this.#refusal ?? this.#take(wanted),
      attempt: (lease, call, sink, extra) => {
        const key = Lease.keyOf(lease)
        return new Attempt({
          call,
          sink,
          upstream,
          site: key.site,
          token: revealSecret(key.secret),
          ...extra,
        })
      },
      keyOf: Lease.keyOf,
      now: upstream.runtime.now,
      totalMs: total,
      onReport: (report) => this.#counters.countRequest(report),
      errors,
    }
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new KeyPoolError(closedRefusal.code, closedRefusal.message)
  }
}
