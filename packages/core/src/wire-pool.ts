import { Billing } from './billing/billing.js'
import { Ledger } from './billing/ledger.js'
import { BalanceRefresh } from './check/balance-refresh.js'
import { checkParts } from './check/check-parts.js'
import { KeyChecks } from './check/key-checks.js'
import { RecoveryProber } from './check/recovery/recovery-prober.js'
import { CheckSchedule } from './check/schedule/check-schedule.js'
import { scheduleByEvents } from './check/schedule/schedule-by-events.js'
import { scheduledCheck } from './check/schedule/scheduled-check.js'
import { PoolEmitter } from './events.js'
import type { Key, KeyAccount } from './key/key.js'
import { viewOf } from './key/key-view.js'
import { KeySet } from './key-set/key-set.js'
import { Keyring } from './keyring/keyring.js'
import type { KeyringSignals } from './keyring/keyring-options.js'
import { GrantIssuer, type GrantIssuerParts } from './lease/grant-issuer.js'
import { Pacing } from './limit/pacing.js'
import { Owners } from './ownership/owners.js'
import type { HistoryWriter } from './persistence/history-writer.js'
import { RequestWriter } from './persistence/request-writer.js'
import { StateWriter } from './persistence/state-writer.js'
import { StoreFaults } from './persistence/store-faults.js'
import { StoreFollower } from './persistence/store-follower.js'
import type { SpendingLinks } from './persistence/write-spending.js'
import type { CheckedOptions } from './pool-options.js'
import { PoolRelay } from './pool-relay.js'
import { Upstream } from './relay/attempt/upstream.js'
import { RequestCounters } from './stats/request-counters.js'
import { memoryRequests, type RequestStore } from './store/memory/memory-requests.js'
import { memoryStore } from './store/memory/memory-store.js'
import type { Store } from './store/store.js'
import { undiciTransport } from './transport/undici-transport.js'
import { historyOf, leaseRecorder } from './wire-history.js'

/** What a pool is made of. */
export interface PoolParts {
  readonly events: PoolEmitter
  readonly counters: RequestCounters
  /** Null where no history is kept. */
  readonly history: HistoryWriter | null
  readonly store: Store
  readonly upstream: Upstream
  readonly faults: StoreFaults
  readonly follower: StoreFollower
  readonly stateWriter: StateWriter
  readonly keyring: Keyring
  readonly keys: KeySet
  readonly billing: Billing
  readonly leases: GrantIssuer
  readonly prober: RecoveryProber
  readonly balances: BalanceRefresh
  readonly checks: KeyChecks
  readonly schedule: CheckSchedule
  readonly owners: Owners
  readonly relay: PoolRelay
  readonly requests: RequestWriter
}

/**
 * Makes the parts of a pool and connects them, from the store up to the relay. `loaded` resolves when the keys of the
 * store are there, and throws when the pool is closed.
 */
export function wirePool(options: CheckedOptions, loaded: () => Promise<void>): PoolParts {
  const { provider, policy, runtime } = options
  const events = new PoolEmitter()
  const counters = new RequestCounters()
  const upstream = upstreamOf(options)
  const signals = new PoolSignals()
  const ledger = new Ledger(provider)
  const stored = storeParts(options, events, { ledger, onBalance: signals.onBalance })
  const { store, faults, stateWriter } = stored
  const keyring = keyringOf(options, events, signals)
  const past = historyOf(options, { store, events, keyring })
  const recorder = past?.recorder ?? null
  const keys = new KeySet({ keyring, store, provider, runtime, events, loaded })
  const billing = new Billing({ ...options, ledger, store, events, keyring, history: recorder, stateWriter })
  const leases = new GrantIssuer({
    keyring,
    runtime,
    events,
    policy,
    billing: billing.attempts,
    onLeaseEnd: leaseRecorder(recorder, runtime),
    leases: leaseParts(options, keys, upstream),
  })
  const prober = new RecoveryProber(keyring, upstream)
  const forChecks = checkParts(keyring, upstream, events)
  const balances = new BalanceRefresh(forChecks)
  const checks = new KeyChecks(forChecks)
  const schedule = scheduleOf(options, { keyring, checks, balances })
  scheduleByEvents(schedule, events)
  const owners = new Owners({ store, runtime, faults })
  const relay = new PoolRelay({ ...options, keyring, leases, upstream, owners, counters, recorder })
  signals.connect({ stateWriter, keyring, prober, leases })
  return {
    events,
    counters,
    history: past,
    ...stored,
    upstream,
    keyring,
    keys,
    billing,
    leases,
    prober,
    balances,
    checks,
    schedule,
    owners,
    relay,
    requests: requestWriterOf(options, store, events),
  }
}

/** The store, and the parts that read it and write to it by themselves. */
function storeParts(
  { store = memoryStore(), runtime, saveDelayMs }: CheckedOptions,
  events: PoolEmitter,
  links: SpendingLinks,
): Pick<PoolParts, 'store' | 'faults' | 'follower' | 'stateWriter'> {
  const faults = new StoreFaults(runtime, events)
  return {
    store,
    faults,
    follower: new StoreFollower(store, runtime, faults, () => events.emit('records-changed', {})),
    stateWriter: new StateWriter({ store, runtime, faults, links, saveDelayMs }),
  }
}

/** What parts signal to others that are made after them. */
class PoolSignals implements KeyringSignals {
  #to!: Pick<PoolParts, 'stateWriter' | 'keyring' | 'prober' | 'leases'>

  connect(parts: Pick<PoolParts, 'stateWriter' | 'keyring' | 'prober' | 'leases'>): void {
    this.#to = parts
  }

  readonly onBalance = (account: KeyAccount): void => this.#to.keyring.reviewBalance(account)
  readonly onChange = (key: Key, account: KeyAccount | null): void => this.#to.stateWriter.touch(key, account)
  readonly onTrouble = (key: Key): void => this.#to.prober.watch(key)
  readonly onFree = (model: string | null): void => this.#to.leases.wake(model)
}

function scheduleOf(
  options: CheckedOptions,
  parts: Pick<PoolParts, 'keyring' | 'checks' | 'balances'>,
): CheckSchedule {
  const { checks, runtime } = options
  return new CheckSchedule({
    options: checks,
    keys: parts.keyring.keys,
    check: scheduledCheck(parts),
    runtime,
  })
}

function leaseParts(
  { provider, runtime }: CheckedOptions,
  keys: KeySet,
  upstream: Upstream,
): GrantIssuerParts['leases'] {
  return {
    viewOf: (key) => viewOf(key, keys.viewContext()),
    baseURLOf: (key) => upstream.baseURL(key.site),
    classify: (answer) => provider.classify({ ...answer, receivedAt: runtime.now() }),
  }
}

function requestWriterOf(
  { requestKeep: keep, runtime }: CheckedOptions,
  store: Store,
  events: PoolEmitter,
): RequestWriter {
  return new RequestWriter({ store: requestStoreOf(store), keep, runtime, events })
}

/** A store that keeps no request log leaves it to this process. */
function requestStoreOf(store: Store): RequestStore {
  const { addRequests, readRequests } = store
  if (addRequests === undefined || readRequests === undefined) return memoryRequests()
  return { addRequests: addRequests.bind(store), readRequests: readRequests.bind(store) }
}

function upstreamOf(options: CheckedOptions): Upstream {
  const { provider, transport, timeouts, runtime, buffers, proxy, ca } = options
  return new Upstream({
    provider,
    // Every call has a timer of its own, by its model.
    transport: transport ?? undiciTransport({ connectTimeoutMs: 0, proxy, ca }),
    timeouts,
    runtime,
    buffers,
  })
}

function keyringOf(
  { provider, policy, thresholds, runtime }: CheckedOptions,
  events: PoolEmitter,
  { onChange, onTrouble, onFree }: PoolSignals,
): Keyring {
  const keyring = new Keyring({
    ...policy,
    thresholds,
    provider,
    runtime,
    events,
    pacing: policy.pacing === null ? null : new Pacing<Key>(policy.pacing),
    onChange,
    onTrouble,
    onFree,
  })
  return keyring
}
