import type { PoolMoney } from './billing/billing.js'
import type { UsageQuery } from './billing/usage-query.js'
import type { UsageReport } from './billing/usage-report.js'
import type { BalanceOptions } from './check/balance-refresh.js'
import type { CheckOptions } from './check/check-options.js'
import type { Verdict } from './check/verdict.js'
import type { ByteBudget } from './collections/byte-budget.js'
import { ConfigError, KeyPoolError } from './errors.js'
import type { PoolEvents } from './events.js'
import type { KeySet } from './key-set/key-set.js'
import type { Lease } from './lease/lease.js'
import { keyRequestOf, type LeaseRequest } from './lease/lease-request.js'
import type { PoolRequests } from './persistence/request-writer.js'
import type { StoreFault } from './persistence/store-faults.js'
import { type CheckedOptions, checkOptions, type PoolOptions } from './pool-options.js'
import type { PriceBook } from './price/price-book.js'
import type { Provider } from './provider/provider.js'
import { poolFetch } from './relay/client/pool-fetch.js'
import type { Sink } from './relay/client/sink.js'
import type { RelayReport } from './relay/report.js'
import type { Call } from './relay/request/call.js'
import { type Explanation, explanationOf } from './selection/explain.js'
import { closedRefusal } from './selection/refusal.js'
import type { FiguresReport } from './stats/history-figures.js'
import type { HistoryPeriod, HistoryQuery } from './stats/history-query.js'
import type { HistoryReport } from './stats/history-series.js'
import type { PoolHistory, PoolRates } from './stats/pool-history.js'
import { type PoolStats, statsOf } from './stats/pool-stats.js'
import type { Records } from './store/records.js'
import { recordsOf } from './store/records-of.js'
import { proxyShown } from './transport/proxy-options.js'
import { poolHistoryOf } from './wire-history.js'
import { type PoolParts, wirePool } from './wire-pool.js'

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
  /** What calls cost, as far as it is known: the list of the option `prices`, then the provider's own. */
  readonly prices: PriceBook
  /** Adds, removes, switches, lists and exports keys. */
  readonly keys: KeySet
  /** Resolves when the store is loaded; rejects with `store_failed` when it cannot be. Requests wait for it. */
  readonly ready: Promise<void>
  /** Bodies up to this many bytes can be sent again by failover. */
  readonly replayLimit: number
  /** The proxy to the upstream, without its password; null for none. */
  readonly proxy: string | null
  /** Counts the memory for bodies and answers that are buffered; servers count the bodies that they hold for the pool. */
  readonly buffers: ByteBudget
  /** What other parts of a program keep in the store: settings, clients, users, and who changed what. */
  readonly records: Records
  /** The log of the requests that a gateway served: it adds them, and anyone may read. */
  readonly requests: PoolRequests
  readonly #parts: PoolParts
  readonly #startedAt: string
  readonly #loaded: Promise<void>
  readonly #history: PoolHistory | null
  #isReady = false
  #closing: Promise<void> | null = null

  constructor(options: PoolOptions = {}) {
    const checked = checkOptions(options)
    const { provider, prices, policy, runtime } = checked
    this.#parts = wirePool(checked, () => {
      this.#assertOpen()
      return this.#loaded
    })
    const { keyring, keys, leases, follower, upstream } = this.#parts
    this.#history = poolHistoryOf(checked, this.#parts)
    this.#startedAt = new Date(runtime.now()).toISOString()
    this.provider = provider
    this.prices = prices
    this.keys = keys
    this.records = recordsOf(this.#parts.store)
    this.requests = this.#parts.requests
    this.replayLimit = checked.replayLimit
    this.buffers = checked.buffers
    this.baseURL = upstream.baseURL(provider.site)
    this.proxy = checked.proxy === undefined ? null : proxyShown(checked.proxy, this.baseURL)
    this.fetch = poolFetch({ provider, baseURL: this.baseURL, relay: (call, sink) => this.relay(call, sink) })
    keyring.members.select(policy.mode, policy.selected)
    this.#loaded = follower.follow(() => keys.reload())
    this.ready = this.#start(checked.keys)
    // A caller that awaits `ready` sees the failure; one that does not must not lose the process to it.
    this.ready.catch((error: Error) => {
      leases.refuse({ ...closedRefusal, code: 'store_failed', message: error.message })
    })
  }

  /**
   * The right to use one key once, for callers with a client of their own. Waits in the queue when a key will be free
   * in time; else throws a `KeyPoolError` when no key can serve (`no_keys`, `all_keys_cooling` with `retryAfterMs`,
   * `all_keys_exhausted`, `all_keys_invalid`, `queue_full`), or the pool cannot (`store_failed`, `pool_closed`); the
   * signal's own reason when it fires first.
   */
  acquire(request: LeaseRequest = {}): Promise<Lease> {
    if (!this.#isReady) return this.ready.then(() => this.acquire(request))
    if (request.signal?.aborted === true) return Promise.reject(request.signal.reason)
    return this.#parts.leases.issue(request)
  }

  /**
   * The engine itself, for servers: sends a call under a key of the pool and gives the answer to the sink, with
   * failover until the first output. What names a file, batch, video or voice goes to the account that owns it. Never
   * rejects; what went wrong is in the answer and in the report.
   */
  relay(call: Call, sink: Sink): Promise<RelayReport> {
    if (this.#isReady) return this.#parts.relay.relay(call, sink)
    return this.ready.catch(() => {}).then(() => this.#parts.relay.relay(call, sink))
  }

  /** Which key would serve such a request now, and why each other key would not. Nothing is counted. */
  explain(request: Omit<LeaseRequest, 'maxWaitMs' | 'signal'> = {}): Explanation {
    const keyRequest = keyRequestOf(request)
    return explanationOf({ model: keyRequest.model, ...this.#parts.keyring.survey(keyRequest) })
  }

  /**
   * Finds out which keys are good, by a free request each unless `probe: 'chat'` buys a token; verdicts come as they are
   * found. Corrects what is believed of the pool's own keys, and deletes none.
   */
  async *check(options: CheckOptions = {}): AsyncGenerator<Verdict> {
    await this.ready
    yield* this.#parts.checks.check(options)
  }

  /** What is left, by account, and how fast it goes; `refresh` asks the upstream first, where it still says. */
  async balance(options: BalanceOptions = {}): Promise<PoolMoney> {
    await this.ready
    return this.#parts.billing.money(await this.#parts.balances.report(options))
  }

  /**
   * What calls used and cost, by day, key, account, model or client. Rejects with a `ConfigError` for a wrong query,
   * with `store_failed` when the store cannot be read.
   */
  async usage(query: UsageQuery = {}): Promise<UsageReport> {
    await this.ready
    return this.#parts.billing.usage(query)
  }

  /**
   * Why the store cannot be read or written at present, and since when; null while it works. The pool serves on with what
   * is in memory, and writes what it could not write as soon as it can.
   */
  get storeFault(): StoreFault | null {
    return this.#parts.faults.current
  }

  /**
   * One figure over time, split by key, account, model or client: what is stored by all processes, and what this one has
   * not stored yet. Rejects like `usage`.
   */
  async history(query: HistoryQuery): Promise<HistoryReport> {
    await this.ready
    return this.#past().query(query)
  }

  /** All figures of a time, in all and by key, account, model or client. Rejects like `usage`. */
  async figures(period: HistoryPeriod = {}): Promise<FiguresReport> {
    await this.ready
    return this.#past().figures(period)
  }

  /** Requests, tokens and images by minute and by day, as the limits of providers count them. */
  async rates(): Promise<PoolRates> {
    await this.ready
    return this.#past().rates()
  }

  stats(): PoolStats {
    return statsOf({
      keys: this.#parts.keyring.keys.values(),
      counters: this.#parts.counters,
      waiting: this.#parts.leases.waiting,
      startedAt: this.#startedAt,
    })
  }

  /**
   * Reads the keys again from the store, as happens by itself soon after another process changed them. Resolves with
   * how many there are now.
   */
  async reload(): Promise<number> {
    this.#assertOpen()
    await this.#loaded
    await this.keys.reload()
    return this.#parts.keyring.keys.size
  }

  on<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): this {
    this.#parts.events.on(name, listener)
    return this
  }

  off<Name extends keyof PoolEvents>(name: Name, listener: (event: PoolEvents[Name]) => void): this {
    this.#parts.events.off(name, listener)
    return this
  }

  /** Writes what is left to write, then closes store and connections. Requests still running are cut off. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(keys: CheckedOptions['keys']): Promise<void> {
    await this.#loaded
    await this.#parts.billing.open()
    if (keys.length > 0) await this.keys.add(keys)
    this.#parts.schedule.start()
    this.#isReady = true
  }

  async #close(): Promise<void> {
    this.#parts.leases.close()
    this.#parts.follower.close()
    await Promise.all([this.#parts.prober.close(), this.#parts.schedule.close()])
    await this.#loaded.catch(() => {})
    await this.keys.settled()
    await this.#parts.upstream.transport.close()
    await this.#parts.owners.settled()
    await this.#parts.history?.close()
    await this.#parts.requests.close()
    await this.#parts.stateWriter.close()
    this.#parts.faults.close()
  }

  #past(): PoolHistory {
    if (this.#history !== null) return this.#history
    throw new ConfigError(
      'history',
      'must not be false, so that there is something to tell of the past',
      false,
    )
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new KeyPoolError(closedRefusal.code, closedRefusal.message)
  }
}
