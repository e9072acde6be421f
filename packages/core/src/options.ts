import * as v from 'valibot'
import { ConfigError } from './errors.js'
import type { KeyInput } from './key/key.js'
import { generic, openai } from './provider/openai.js'
import type { Provider } from './provider/provider.js'
import { siliconflow } from './provider/siliconflow.js'
import type { Runtime } from './runtime.js'
import type { Store } from './store/store.js'
import { type StrategyName, strategyNames } from './strategy/named.js'
import type { Strategy } from './strategy/strategy.js'
import type { Transport } from './transport/transport.js'

/** How long each phase of an upstream call may last, in milliseconds; 0 means no limit. */
export interface Timeouts {
  /** Until a connection is there. @default 10_000 */
  readonly connect: number
  /** From sending the request to the first byte of the answer. Long, because thinking models think first. @default 300_000 */
  readonly firstByte: number
  /** From sending the request to the first output of a stream. @default 600_000 */
  readonly firstOutput: number
  /** Between two pieces of an answer that is running. @default 300_000 */
  readonly idle: number
  /** For the whole request, all attempts included. @default 0 */
  readonly total: number
}

export interface PoolOptions {
  /** Keys to start with, beside those the store holds. */
  readonly keys?: readonly (string | KeyInput)[]
  /** Whose API it is. With `baseURL` and no provider, SiliconFlow's rules apply at that address. @default 'siliconflow' */
  readonly provider?: 'siliconflow' | 'openai' | 'generic' | Provider
  /** SiliconFlow's site of keys that name none. @default 'cn' */
  readonly site?: 'cn' | 'com'
  /** Another address for the upstream; a bare origin gets `/v1`. Holds for the keys of the pool's own site. */
  readonly baseURL?: string
  /** Which of the ready keys serves next. @default 'round-robin' */
  readonly strategy?: StrategyName | Strategy
  /** Where keys and state live. @default a memory store */
  readonly store?: Store
  readonly timeouts?: Partial<Timeouts>
  /** Bodies up to this many bytes are kept, so that failover can send them again. @default 16_777_216 */
  readonly replayLimit?: number
  /** `openai` adds an `error` object to upstream errors that have none; `passthrough` leaves them alone. @default 'openai' */
  readonly errors?: 'openai' | 'passthrough'
  /** Other sources of time and chance, for tests and simulations. */
  readonly runtime?: Partial<Runtime>
  /** Another way to the upstream. @default undici, HTTP/1.1 with keep-alive */
  readonly transport?: Transport
}

export const defaultTimeouts: Timeouts = Object.freeze({
  connect: 10_000,
  firstByte: 300_000,
  firstOutput: 600_000,
  idle: 300_000,
  total: 0,
})

export const defaultReplayLimit: number = 16 * 1024 * 1024

const duration = (name: string) =>
  v.optional(
    v.pipe(
      v.number(`${name} must be a number of milliseconds`),
      v.minValue(0, 'must not be negative'),
      v.finite('must be finite'),
    ),
  )

const hasMethods = (names: readonly string[]) => (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  names.every((name) => typeof Reflect.get(value, name) === 'function')

const keyInputSchema = v.strictObject(
  {
    secret: v.pipe(
      v.string('must be a string'),
      v.trim(),
      v.minLength(1, 'must not be empty'),
      v.regex(/^[\x21-\x7e]+$/, 'must hold visible ASCII characters only'),
    ),
    account: v.optional(v.pipe(v.string('must be a string'), v.trim(), v.minLength(1, 'must not be empty'))),
    label: v.optional(v.string('must be a string')),
    weight: v.optional(
      v.pipe(v.number('must be a number'), v.finite('must be finite'), v.gtValue(0, 'must be above 0')),
    ),
    site: v.optional(v.string('must be a string')),
    enabled: v.optional(v.boolean('must be true or false')),
    balance: v.optional(
      v.pipe(
        v.string('must be a decimal string'),
        v.regex(/^-?\d+(\.\d+)?$/, 'must be a decimal string as in "12.50"'),
      ),
    ),
  },
  'must be a string or an object with a secret',
)

const optionsSchema = v.strictObject(
  {
    keys: v.optional(v.array(v.unknown(), 'must be an array of keys')),
    provider: v.optional(
      v.union(
        [v.picklist(['siliconflow', 'openai', 'generic']), v.custom(hasMethods(['classify', 'route']))],
        "must be 'siliconflow', 'openai', 'generic' or a provider object",
      ),
    ),
    site: v.optional(v.picklist(['cn', 'com'], "must be 'cn' or 'com'")),
    baseURL: v.optional(v.string('must be an http or https URL')),
    strategy: v.optional(
      v.union(
        [v.picklist(strategyNames), v.custom(hasMethods(['add', 'remove', 'pick']))],
        `must be one of ${strategyNames.join(', ')}, or an object with add, remove and pick`,
      ),
    ),
    store: v.optional(
      v.custom(hasMethods(['load', 'putKeys', 'removeKeys', 'saveStates']), 'must be a store'),
    ),
    timeouts: v.optional(
      v.strictObject(
        {
          connect: duration('connect'),
          firstByte: duration('firstByte'),
          firstOutput: duration('firstOutput'),
          idle: duration('idle'),
          total: duration('total'),
        },
        'must be an object of connect, firstByte, firstOutput, idle and total',
      ),
    ),
    replayLimit: v.optional(
      v.pipe(
        v.number('must be a number of bytes'),
        v.integer('must be a whole number'),
        v.minValue(0, 'must not be negative'),
      ),
    ),
    errors: v.optional(v.picklist(['openai', 'passthrough'], "must be 'openai' or 'passthrough'")),
    runtime: v.optional(
      v.custom((value) => typeof value === 'object' && value !== null, 'must be an object'),
    ),
    transport: v.optional(v.custom(hasMethods(['dispatch', 'close']), 'must be a transport')),
  },
  'is not an option of the pool',
)

/** Checks the options of a pool. Reads them only; throws a `ConfigError` that names the first wrong one. */
export function checkOptions(options: PoolOptions): void {
  check(optionsSchema, options, '')
}

/** A key as given, completed and checked. `option` names where it stood. */
export function checkKeyInput(input: string | KeyInput, option: string): KeyInput {
  return check(keyInputSchema, typeof input === 'string' ? { secret: input } : input, option) as KeyInput
}

/** The changes that `keys.update` accepts. */
export function checkKeyChanges(changes: Partial<Omit<KeyInput, 'secret'>>): Partial<KeyInput> {
  return check(v.partial(v.omit(keyInputSchema, ['secret'])), changes, 'changes') as Partial<KeyInput>
}

/** The provider that the options describe. */
export function providerOf({ provider = 'siliconflow', site, baseURL }: PoolOptions): Provider {
  if (typeof provider === 'object') return provider
  if (provider === 'siliconflow') {
    return siliconflow({
      ...(site === undefined ? {} : { site }),
      ...(baseURL === undefined ? {} : { baseURL }),
    })
  }
  if (provider === 'openai') return openai(baseURL)
  if (baseURL === undefined) throw new ConfigError('baseURL', "is needed with provider 'generic'", undefined)
  return generic(baseURL)
}

function check<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  option: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = [option, v.getDotPath(issue) ?? ''].filter((part) => part !== '').join('.')
  throw new ConfigError(
    path === '' ? 'options' : path,
    issue.message,
    path.endsWith('secret') ? 'a secret' : issue.input,
  )
}
