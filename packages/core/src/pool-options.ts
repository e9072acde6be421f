import { getHeapStatistics } from 'node:v8'
import * as v from 'valibot'
import {
  type CheckScheduleOptions,
  defaultCheckSchedule,
  scheduleSchema,
} from './check/schedule/check-schedule.js'
import { ByteBudget } from './collections/byte-budget.js'
import { ConfigError, withheld } from './errors.js'
import { defaultHistory, type HistoryOptions, historySchema } from './history/history-options.js'
import { fingerprint } from './key/fingerprint.js'
import type { KeyInput } from './key/key.js'
import { checkKeyInput } from './key-set/key-input.js'
import { maskToken } from './mask.js'
import { type MinBalance, minBalanceSchema, Thresholds } from './money/min-balance.js'
import { type RequestLogOptions, requestKeepOf, requestLogSchema } from './persistence/request-log-options.js'
import { defaultSaveDelayMs } from './persistence/state-writer.js'
import { type Policy, type PolicyOptions, policyOf, policySchema } from './policy.js'
import { PriceBook } from './price/price-book.js'
import { checkPriceList, type PriceList } from './price/price-list.js'
import { deepseek } from './provider/deepseek.js'
import { generic } from './provider/generic.js'
import { openai } from './provider/openai.js'
import type { Provider } from './provider/provider.js'
import { type ProviderName, providerNames, recognizeProvider } from './provider/recognize-provider.js'
import { siliconflow } from './provider/siliconflow.js'
import { ModelTimeouts, type TimeoutOptions, timeoutSchema } from './relay/attempt/timeouts.js'
import { completedRuntime, type Runtime } from './runtime/runtime.js'
import type { Store } from './store/store.js'
import type { RequestKeep } from './store/stored-request.js'
import type { ProxyOptions } from './transport/proxy-options.js'
import type { Transport } from './transport/transport.js'
import { check, completed, strict } from './validation.js'

export interface PoolOptions extends PolicyOptions {
  /** Keys to start with, beside those the store holds. */
  readonly keys?: readonly (string | KeyInput)[]
  /**
   * Whose API it is, which decides how errors are judged and what is known of prices and balances. Without it, the
   * host of `baseURL` tells: `api.openai.com`, `api.deepseek.com`, SiliconFlow's sites and this machine; any other host
   * is `generic`. @default 'siliconflow' without a `baseURL`
   */
  readonly provider?: ProviderName | Provider
  /** SiliconFlow's site of keys that name none. @default 'cn' */
  readonly site?: 'cn' | 'com'
  /** Another address for the upstream; a bare origin gets `/v1`. Holds for the keys of the pool's own site. */
  readonly baseURL?: string
  /** Where keys and state live. @default a memory store */
  readonly store?: Store
  /**
   * What calls cost: your own list, which goes before the one that comes with the provider, model by model. What
   * neither names costs an unknown amount.
   */
  readonly prices?: PriceList
  /**
   * Accounts with less than this are left aside for models that cost something: a decimal string, or one for each
   * currency. Fails open where the balance is not known, or older than seven days. @default none
   */
  readonly minBalance?: MinBalance
  /** How long each phase of a call may last. */
  readonly timeouts?: TimeoutOptions
  /**
   * How much of the past is kept: by minute, hour and day, of the busiest keys, accounts, models and clients. False for
   * nothing.
   */
  readonly history?: HistoryOptions | false
  /** When the pool looks at its own keys by itself. @default after a refusal for lack of money */
  readonly checks?: CheckScheduleOptions
  /** Bodies up to this many bytes are kept, so that failover can send them again. @default 16_777_216 */
  readonly replayLimit?: number
  /**
   * The most memory, in bytes, for bodies and answers that are buffered. Beyond four fifths of it, bodies above 64 KB are
   * sent once as they come, without failover; beyond all of it, they are refused with 503. @default an eighth of V8's heap limit
   */
  readonly bufferBudget?: number
  /** `openai` adds an `error` object to upstream errors that have none; `passthrough` leaves them alone. @default 'openai' */
  readonly errors?: 'openai' | 'passthrough'
  /**
   * How long changed figures, cooldowns and learned limits wait before they are written, in milliseconds. A crash loses
   * what changed in that time, never a key. @default 1000
   */
  readonly saveDelayMs?: number
  /** Other sources of time and chance, for tests and simulations. */
  readonly runtime?: Partial<Runtime>
  /**
   * The proxy to the upstream: an http, https or socks5 URL, or one for each scheme with exceptions. `proxyFromEnvironment()`
   * gives what HTTPS_PROXY and its kin say. @default none
   */
  readonly proxy?: string | ProxyOptions
  /** Certificates of authorities to trust beside the usual ones, in PEM form. @default none */
  readonly ca?: string | readonly string[]
  /** What is kept of the requests that a gateway served. @default the last 30 days, 100,000 requests and 64 megabytes at most */
  readonly log?: RequestLogOptions
  /** Another way to the upstream, which does without `proxy` and `ca`. @default undici, HTTP/1.1 with keep-alive */
  readonly transport?: Transport
}

const defaultReplayLimit = 16 * 1024 * 1024

/** Below this, not even one small body would find room. */
const leastBufferBudget = 64 * 1024

const defaultBufferBudget = (): number => Math.floor(getHeapStatistics().heap_size_limit / 8)

const hasMethods = (names: readonly string[]) => (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  names.every((name) => typeof Reflect.get(value, name) === 'function')

const method = v.optional(v.custom((value) => typeof value === 'function', 'must be a function'))

/** More would be lost by a crash than anybody wants to lose. */
const longestSaveDelayMs = 3_600_000

const saveDelay = v.pipe(
  v.number('must be a number of milliseconds'),
  v.minValue(0, 'must not be negative'),
  v.maxValue(longestSaveDelayMs, 'must be at most an hour'),
)

const optionsSchema = strict(
  {
    keys: v.optional(v.array(v.unknown(), 'must be an array of keys')),
    provider: v.optional(
      v.union(
        [v.picklist(providerNames), v.custom(hasMethods(['classify', 'route', 'currencyOf']))],
        "must be 'siliconflow', 'openai', 'deepseek', 'generic' or a provider object",
      ),
    ),
    site: v.optional(v.picklist(['cn', 'com'], "must be 'cn' or 'com'")),
    baseURL: v.optional(v.string('must be an http or https URL')),
    ...policySchema,
    store: v.optional(
      v.custom(
        hasMethods([
          'load',
          'putKeys',
          'removeKeys',
          'saveStates',
          'putOwners',
          'ownersOf',
          'forgetOwners',
          'putBalances',
          'addUsage',
          'readUsage',
          'revision',
          'close',
        ]),
        'must be a store',
      ),
    ),
    prices: v.optional(v.unknown()),
    minBalance: v.optional(minBalanceSchema),
    timeouts: v.optional(timeoutSchema),
    history: v.optional(historySchema),
    checks: scheduleSchema,
    log: requestLogSchema,
    replayLimit: v.optional(
      v.pipe(
        v.number('must be a number of bytes'),
        v.integer('must be a whole number'),
        v.minValue(0, 'must not be negative'),
      ),
    ),
    bufferBudget: v.optional(
      v.pipe(
        v.number('must be a number of bytes'),
        v.integer('must be a whole number'),
        v.minValue(leastBufferBudget, `must be at least ${leastBufferBudget} bytes`),
      ),
    ),
    saveDelayMs: v.optional(saveDelay),
    errors: v.optional(v.picklist(['openai', 'passthrough'], "must be 'openai' or 'passthrough'")),
    runtime: v.optional(
      v.object(
        { now: method, monotonic: method, random: method, setTimer: method, clearTimer: method },
        'must be an object of now, monotonic, random, setTimer and clearTimer',
      ),
    ),
    proxy: v.optional(
      v.union(
        [
          v.string(),
          v.strictObject({
            https: v.optional(v.string()),
            http: v.optional(v.string()),
            noProxy: v.optional(v.string()),
          }),
        ],
        'must be a URL, or an object of https, http and noProxy',
      ),
    ),
    ca: v.optional(
      v.union([v.string(), v.array(v.string())], 'must be certificates in PEM form, one text or several'),
    ),
    transport: v.optional(v.custom(hasMethods(['dispatch', 'close']), 'must be a transport')),
  },
  'must be an object',
)

/** The options of a pool, checked and completed. */
export interface CheckedOptions {
  readonly keys: readonly KeyInput[]
  readonly provider: Provider
  readonly policy: Policy
  readonly store: Store | undefined
  readonly prices: PriceBook
  /** Null for none. */
  readonly thresholds: Thresholds | null
  readonly timeouts: ModelTimeouts
  /** Null for none. */
  readonly history: Required<HistoryOptions> | null
  readonly checks: Required<CheckScheduleOptions>
  /** Null where no request log is kept. */
  readonly requestKeep: RequestKeep | null
  readonly replayLimit: number
  readonly buffers: ByteBudget
  readonly saveDelayMs: number
  readonly errors: 'openai' | 'passthrough'
  readonly runtime: Runtime
  readonly transport: Transport | undefined
  readonly proxy: string | ProxyOptions | undefined
  readonly ca: string | readonly string[] | undefined
}

/** Checks and completes the options of a pool. Reads them only; throws a `ConfigError` that names the first wrong one. */
export function checkOptions(options: PoolOptions): CheckedOptions {
  check(optionsSchema, options, '')
  const provider = providerOf(options)
  const keys = (options.keys ?? []).map((key, index) => checkKeyInput(key, `keys[${index}]`, provider))
  const policy = policyOf(options)
  checkTransport(options)
  // Without a store the keys given are all there are.
  if (options.store === undefined && policy.mode !== 'all') checkSelection(keys, policy.selected)
  return {
    keys,
    provider,
    policy,
    store: options.store,
    prices: priceBookOf(options.prices, provider),
    thresholds: options.minBalance === undefined ? null : new Thresholds(options.minBalance),
    timeouts: new ModelTimeouts(options.timeouts),
    history: options.history === false ? null : completed(defaultHistory, options.history),
    checks: completed(defaultCheckSchedule, options.checks),
    requestKeep: requestKeepOf(options.log),
    replayLimit: options.replayLimit ?? defaultReplayLimit,
    buffers: new ByteBudget(options.bufferBudget ?? defaultBufferBudget()),
    saveDelayMs: options.saveDelayMs ?? defaultSaveDelayMs,
    errors: options.errors ?? 'openai',
    runtime: completedRuntime(options.runtime),
    transport: options.transport,
    proxy: options.proxy,
    ca: options.ca,
  }
}

/** A transport of one's own would leave the proxy out, unseen. */
function checkTransport({ transport, proxy, ca }: PoolOptions): void {
  if (transport === undefined) return
  if (proxy !== undefined) throw new ConfigError('proxy', 'does not go with a transport', withheld)
  if (ca !== undefined) throw new ConfigError('ca', 'does not go with a transport', withheld)
}

function checkSelection(keys: readonly KeyInput[], selected: readonly string[]): void {
  const names = new Set(
    keys.flatMap(({ secret, label, account }) => [fingerprint(secret), maskToken(secret), label, account]),
  )
  if (!selected.some((name) => names.has(name.replace('...', '…'))))
    throw new ConfigError('selected', 'must name keys of the pool by id, label, account or mask', selected)
}

/** The user's list, then the provider's. A site that the provider does not have would never be looked up. */
function priceBookOf(given: PriceList | undefined, { prices, sites }: Provider): PriceBook {
  const own = given === undefined ? [] : [checkPriceList(given, 'prices')]
  const unknown = own.flatMap((list) => Object.keys(list.sites)).find((site) => !Object.hasOwn(sites, site))
  if (unknown !== undefined)
    throw new ConfigError('prices.sites', `must be of ${Object.keys(sites).join(', ')}`, unknown)
  return new PriceBook(prices === undefined ? own : [...own, prices])
}

/** The provider that the options describe. A site is SiliconFlow's; else the host of the address tells whose it is. */
function providerOf({ provider: given, site: givenSite, baseURL }: PoolOptions): Provider {
  const recognized =
    given === undefined && givenSite === undefined && baseURL !== undefined
      ? recognizeProvider(baseURL)
      : null
  const provider = given ?? recognized?.name ?? 'siliconflow'
  const site = givenSite ?? recognized?.site
  if (site !== undefined && provider !== 'siliconflow') {
    throw new ConfigError('site', "goes with provider 'siliconflow' only", site)
  }
  if (typeof provider === 'object') {
    if (baseURL === undefined) return provider
    throw new ConfigError('baseURL', 'is for the provider object to say', baseURL)
  }
  if (provider === 'siliconflow') {
    return siliconflow({
      ...(site === undefined ? {} : { site }),
      ...(baseURL === undefined ? {} : { baseURL }),
    })
  }
  if (provider === 'openai') return openai(baseURL)
  if (provider === 'deepseek') return deepseek(baseURL)
  if (baseURL === undefined) throw new ConfigError('baseURL', "is needed with provider 'generic'", undefined)
  return generic(baseURL)
}
