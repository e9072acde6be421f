import * as v from 'valibot'
import { ConfigError } from '../errors.js'
import { checkSite } from '../provider/check-site.js'
import type { Provider } from '../provider/provider.js'
import { check, completed, duration, strict } from '../validation.js'
import type { RetryLimits } from './batch/check-retries.js'
import { type BatchOptions, defaultConcurrency } from './batch/run-batch.js'
import type { ProbeName } from './probe/checker.js'

export interface CheckOptions extends BatchOptions {
  /** Tokens to check, whether the pool holds them or not. @default the pool's own keys */
  readonly keys?: Iterable<string> | AsyncIterable<string>
  /** The site of tokens that the pool does not hold. @default the pool's site */
  readonly site?: string
  /**
   * What is asked. `models`: whether the upstream accepts the key; a free request. `balance`: how much money is left,
   * where the provider reports it; free, too. `chat`: one token of a model, the only proof of money; it costs some.
   * @default 'models'
   */
  readonly probe?: ProbeName
  /** The model that `chat` asks. @default the provider's cheapest that is not free; generic providers have none */
  readonly model?: string
  /** For one try, in milliseconds; 0 means no limit. @default 15_000 */
  readonly timeoutMs?: number
  /** For all tries of one key and the pauses between them, in milliseconds; 0 means no limit. @default 60_000 */
  readonly deadlineMs?: number
  /**
   * Further tries when the answer says nothing about the key (network, overload). A key at a limit is tried again as
   * long as the deadline allows, unless `retries` is 0. @default 2
   */
  readonly retries?: number
  /** Pause before another try, in milliseconds, doubled each time; a `Retry-After` comes first. @default 500 */
  readonly retryPauseMs?: number
}

export type CheckedCheckOptions = Omit<CheckOptions, keyof RetryLimits | 'probe'> & {
  readonly probe: ProbeName
  readonly concurrency: number
  readonly limits: RetryLimits
}

const isRange = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((end) => Number.isFinite(end) && end >= 0) &&
  value[0] <= value[1]

const isList = (keys: unknown): boolean =>
  typeof keys === 'object' && keys !== null && (Symbol.iterator in keys || Symbol.asyncIterator in keys)

const checkOptionsSchema = strict(
  {
    keys: v.optional(v.custom<NonNullable<CheckOptions['keys']>>(isList, 'must be a list of tokens')),
    site: v.optional(v.string('must be a string')),
    probe: v.optional(v.picklist(['models', 'balance', 'chat'], "must be 'models', 'balance' or 'chat'")),
    model: v.optional(v.pipe(v.string('must be a string'), v.minLength(1, 'must not be empty'))),
    concurrency: v.optional(
      v.pipe(
        v.number('must be a number'),
        v.integer('must be a whole number'),
        v.minValue(1, 'must be from 1 to 1000'),
        v.maxValue(1_000, 'must be from 1 to 1000'),
      ),
    ),
    intervalMs: v.optional(
      v.custom<number | readonly [number, number]>(
        (value) => isRange(value) || isRange([value, value]),
        'must be a number of milliseconds from 0, or a pair of them, the smaller first',
      ),
    ),
    timeoutMs: duration,
    deadlineMs: duration,
    retries: v.optional(
      v.pipe(
        v.number('must be a number'),
        v.integer('must be a whole number'),
        v.minValue(0, 'must not be negative'),
      ),
    ),
    retryPauseMs: duration,
    signal: v.optional(v.instance(AbortSignal, 'must be an AbortSignal')),
  },
  'must be an object',
)

const defaultLimits: RetryLimits = { timeoutMs: 15_000, deadlineMs: 60_000, retries: 2, retryPauseMs: 500 }

/** Validates the options of a check and fills in defaults. Throws a `ConfigError` that names the first wrong option. */
export function checkCheckOptions(options: CheckOptions, provider: Provider): CheckedCheckOptions {
  check(checkOptionsSchema, options, 'check')
  checkSite(options.site, 'check', provider)
  const { timeoutMs, deadlineMs, retries, retryPauseMs, probe = 'models', ...rest } = options
  if (probe === 'chat' && options.model === undefined && provider.chatProbe === undefined)
    throw new ConfigError(
      'check.model',
      `must be given: ${provider.name} has no model of its own to ask`,
      undefined,
    )
  const given = { timeoutMs, deadlineMs, retries, retryPauseMs } as Partial<RetryLimits>
  return {
    ...rest,
    probe,
    concurrency: options.concurrency ?? defaultConcurrency,
    limits: completed(defaultLimits, given),
  }
}
