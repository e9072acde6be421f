import { Billing, type PoolMoney } from './billing/billing.js'
import { Ledger } from './billing/ledger.js'
import type { UsageQuery, UsageReport } from './billing/usage-report.js'
import type { CheckOptions } from './check/check-options.js'
import { type BalanceOptions, KeyChecks } from './check/key-checks.js'
import { KeyProber } from './check/key-prober.js'
import { CheckSchedule } from './check/schedule.js'
import { scheduleByEvents } from './check/schedule-events.js'
import type { Verdict } from './check/verdict.js'
import { KeyPoolError } from './errors.js'
import { PoolEmitter, type PoolEvents } from './events.js'
import type { Key } from './key/key.js'
import { viewOf } from './key/key-view.js'
import { KeySet } from './key-set/key-set.js'
import { Keyring } from './keyring/keyring.js'
import type { Lease } from './lease/lease.js'
import { LeaseIssuer } from './lease/lease-issuer.js'
import { keyRequestOf, type LeaseRequest } from './lease/lease-request.js'
import { Pacing } from './limit/pacing.js'
import { Owners } from './ownership/owners.js'
import { StateWriter } from './persistence/state-writer.js'
import { type CheckedOptions, checkOptions, type PoolOptions } from './pool-options.js'
import { Relaying } from './pool-relay.js'
import type { PriceBook } from './price/price-book.js'
import type { Provider } from './provider/provider.js'
import { Upstream } from './relay/attempt/upstream.js'
import { poolFetch } from './relay/client/fetch.js'
import type { Sink } from './relay/client/sink.js'
import type { RelayReport } from './relay/report.js'
import type { Call } from './relay/request/call.js'
import { type Explanation, explanationOf } from './selection/explain.js'
import { closedRefusal } from './selection/refusal.js'
import { type PoolStats, statsOf } from './stats/pool-stats.js'
import { RequestCounters } from './stats/request-counters.js'
import { memoryStore } from './store/memory/memory-store.js'
import type { Store } from './store/store.js'
import { undiciTransport } from './transport/undici.js'

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
  /** What calls cost, as far as anybody has said: the list of the option `prices`, then the provider's own. */
  readonly prices: PriceBook
  /** Adds, removes, switches, lists and exports keys. */
  readonly keys: KeySet
  /** Resolves when the store is loaded; rejects with `store_failed` when it cannot be. Requests wait for it. */
  readonly ready: Promise<void>
  /** Bodies up to this many bytes can be sent again by failover. */
  readonly replayLimit: number
  readonly #keyring: Keyring
  readonly #upstream: Upstream
  readonly #events = new PoolEmitter()
  readonly #stateWriter: StateWriter
  readonly #checks: KeyChecks
  readonly #counters = new RequestCounters()
  readonly #billing: Billing
  readonly #leases: LeaseIssuer
  readonly #recovery: KeyProber
  readonly #schedule: CheckSchedule
  readonly #relaying: Relaying
  readonly #owners: Owners
  readonly #startedAt: string
  readonly #store: Store
  readonly #loaded: Promise<void>
  #isReady = false
  #closing: Promise<void> | null = null

  constructor(options: PoolOptions = {}) {
    const {
      keys,
      provider,
      policy,
      prices,
      thresholds,
      store,
      timeouts,
      replayLimit,
      errors,
      runtime,
      transport,
      checks,
    } = checkOptions(options)
    this.#store = store ?? memoryStore()
    this.provider = provider
    this.replayLimit = replayLimit
    this.#startedAt = new Date(runtime.now()).toISOString()
    this.#upstream = new Upstream({
      provider,
      // Every call has a timer of its own, by its model.
      transport: transport ?? undiciTransport({ connectTimeoutMs: 0 }),
      timeouts,
      runtime,
    })
    this.baseURL = this.#upstream.baseURL(provider.site)
    this.prices = prices
    const ledger = new Ledger(provider)
    this.#stateWriter = new StateWriter(this.#store, runtime, this.#events, {
      ledger,
      onFunds: (account) => this.#keyring.reviewBalance(account),
    })
    this.#keyring = new Keyring({
      ...policy,
      thresholds,
      provider,
      runtime,
      events: this.#events,
      pacing: policy.pacing === null ? null : new Pacing<Key>(policy.pacing),
      onChange: (key, account) => this.#stateWriter.touch(key, account),
      onTrouble: (key) => this.#recovery.watch(key),
      onFree: (model) => this.#leases.wake(model),
    })
    this.#recovery = new KeyProber(this.#keyring, this.#upstream)
    this.#billing = new Billing({
      prices,
      ledger,
      store: this.#store,
      provider,
      runtime,
      events: this.#events,
      keyring: this.#keyring,
      stateWriter: this.#stateWriter,
    })
    this.#leases = new LeaseIssuer({
      keyring: this.#keyring,
      runtime,
      events: this.#events,
      policy,
      billing: this.#billing.attempts,
      leases: {
        viewOf: (key) => viewOf(key, this.keys.viewContext()),
        baseURLOf: (key) => this.#upstream.baseURL(key.site),
        classify: (answer) => this.provider.classify(answer),
      },
    })
    this.#checks = new KeyChecks(this.#keyring, this.#upstream, this.#events)
    this.#schedule = new CheckSchedule({
      options: checks,
      keys: this.#keyring.keys,
      look: (id, reason, signal) => this.#checks.look(id, reason, signal),
      runtime,
    })
    scheduleByEvents(this.#schedule, this.#events)
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
    this.#owners = new Owners({ store: this.#store, runtime, events: this.#events })
    this.#relaying = new Relaying({
      keyring: this.#keyring,
      leases: this.#leases,
      upstream: this.#upstream,
      owners: this.#owners,
      policy,
      errors,
      onReport: (report) => this.#counters.countRequest(report),
    })
    this.#keyring.select(policy.mode, policy.selected)
    this.fetch = poolFetch({
      provider: this.provider,
      baseURL: this.baseURL,
      relay: (call, sink) => this.relay(call, sink),
    })
    this.#loaded = this.#stateWriter.follow(() => this.keys.reload())
    this.ready = this.#start(keys)
    // Whoever awaits `ready` sees the failure; whoever does not must not lose the process to it.
    this.ready.catch((error: Error) => {
      this.#leases.refuse({ ...closedRefusal, code: 'store_failed', message: error.message })
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
    return this.#leases.issue(request)
  }

  /**
   * The engine itself, for servers: sends a call under a key of the pool and gives the answer to the sink, with
   * failover until the first output. What names a file, batch, video or voice goes to the account that owns it. Never
   * rejects; what went wrong is in the answer and in the report.
   */
  relay(call: Call, sink: Sink): Promise<RelayReport> {
    if (this.#isReady) return this.#relaying.relay(call, sink)
    return this.ready.catch(() => {}).then(() => this.#relaying.relay(call, sink))
  }

  /** Who would serve such a request now, and why each other key would not. No turn is counted. */
  explain(request: Omit<LeaseRequest, 'maxWaitMs' | 'signal'> = {}): Explanation {
    const keyRequest = keyRequestOf(request)
    return explanationOf({ model: keyRequest.model, ...this.#keyring.survey(keyRequest) })
  }

  /**
   * Finds out which keys are good, by a free request each unless `probe: 'chat'` buys a token; verdicts come as they are
   * found. Corrects what is believed of the pool's own keys, and deletes none.
   */
  async *check(options: CheckOptions = {}): AsyncGenerator<Verdict> {
    await this.ready
    yield* this.#checks.check(options)
  }

  /** What is left, by account, and how fast it goes; `refresh` asks the upstream first, where it still tells. */
  async balance(options: BalanceOptions = {}): Promise<PoolMoney> {
    await this.ready
    return this.#billing.money(await this.#checks.balance(options))
  }

  /**
   * What calls used and cost, by day, key, account, model or client. Rejects with a `ConfigError` for a wrong query,
   * with `store_failed` when the store cannot be read.
   */
  async usage(query: UsageQuery = {}): Promise<UsageReport> {
    await this.ready
    return this.#billing.usage(query)
  }

  stats(): PoolStats {
    return statsOf({
      keys: this.#keyring.keys.values(),
      counters: this.#counters,
      waiting: this.#leases.waiting,
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
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #start(keys: CheckedOptions['keys']): Promise<void> {
    await this.#loaded
    await this.#billing.open()
    if (keys.length > 0) await this.keys.add(keys)
    this.#schedule.start()
    this.#isReady = true
  }

  async #close(): Promise<void> {
    this.#leases.close()
    await Promise.all([this.#recovery.close(), this.#schedule.close()])
    await this.#loaded.catch(() => {})
    await this.keys.settled()
    await this.#upstream.transport.close()
    await this.#owners.settled()
    await this.#stateWriter.close()
  }

  #assertOpen(): void {
    if (this.#closing !== null) throw new KeyPoolError(closedRefusal.code, closedRefusal.message)
  }
}
