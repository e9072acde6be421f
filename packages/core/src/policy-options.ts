import * as v from 'valibot'
import { check, completed, duration, strict } from './checked.js'
import { ConfigError } from './errors.js'
import type { HealthOptions } from './judgement.js'
import { type Concurrency, unlimited } from './key/eligibility.js'
import type { LimitOptions } from './limit/limit-options.js'
import { meters } from './limit/limits.js'
import { defaultPacing, type PacingLimits } from './limit/pacing.js'
import type { ModelFacts } from './provider/provider.js'
import type { SessionOptions } from './relay/call-wanted.js'
import { strategyNames } from './strategy/named.js'
import type { KeyMode, Rules, StrategyChoice } from './strategy/rules.js'

/** The queue of requests for which no key is free now. */
export interface QueueOptions {
  /** How many may wait at once; 0 for no queue. @default 1_000 */
  readonly limit?: number
  /**
   * How long one request may wait, in milliseconds. It waits only when a key will be free by then, and otherwise gets
   * the refusal at once, with the true `Retry-After`. @default 15_000
   */
  readonly maxWaitMs?: number
}

/** Who serves what, how much, and when nobody does. */
export interface PolicyOptions {
  /** Which of the ready keys serves next. @default 'round-robin' */
  readonly strategy?: StrategyChoice
  /** Other strategies for some models and kinds of requests, and keys for some models. */
  readonly rules?: Rules
  /** Which keys may serve: all, those in `selected`, or the single one there. @default 'all' */
  readonly mode?: KeyMode
  /** Keys by id, label, account or mask. */
  readonly selected?: readonly string[]
  /** Limits to keep, so that the upstream need not refuse. */
  readonly limits?: LimitOptions
  /** When failures take keys out. */
  readonly health?: HealthOptions
  /** The queue of requests for which no key is free now. */
  readonly queue?: QueueOptions
  /** For those who want few calls and few keys at a time; `true` for one call at a time and one key in 30 minutes. */
  readonly pacing?: boolean | Partial<PacingLimits>
  /** How `sticky` knows the requests of one conversation. */
  readonly sessions?: SessionOptions
  /** Facts of models that the provider's catalogue does not have, by model name or pattern. */
  readonly catalogue?: Readonly<Record<string, ModelFacts>>
  /** After how long a lease that was not settled is given back, in milliseconds. @default 600_000 */
  readonly leaseTimeoutMs?: number
}

const count = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
)

const wholeNumber = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(0, 'must not be negative'),
)

const text = v.pipe(v.string('must be a string'), v.minLength(1, 'must not be empty'))

const names = v.array(text, 'must be a list of ids, labels, accounts or masks of keys')

const share = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must be from 0 to 1'),
  v.maxValue(1, 'must be from 0 to 1'),
)

const scoreWeight = v.optional(
  v.pipe(
    v.number('must be a number'),
    v.finite('must be a finite number'),
    v.minValue(0, 'must not be negative'),
  ),
)

const strategyName = v.picklist(strategyNames, `must be one of ${strategyNames.join(', ')}`)

const settings = v.variant(
  'name',
  [
    strict(
      {
        name: v.literal('weighted-score'),
        weights: v.optional(
          v.pipe(
            strict(
              {
                balance: scoreWeight,
                success: scoreWeight,
                rpm: scoreWeight,
                tpm: scoreWeight,
                usage: scoreWeight,
              },
              'must be an object of balance, success, rpm, tpm and usage',
            ),
            v.check(
              (weights) =>
                Object.keys(weights).length === 0 || Object.values(weights).some((weight) => weight !== 0),
              'must not all be 0',
            ),
          ),
        ),
      },
      'must be an object',
    ),
    strict({ name: v.literal('fastest'), decayMs: v.optional(count) }, 'must be an object'),
    strict(
      {
        name: v.literal('sticky'),
        idleMs: v.optional(count),
        maxSessions: v.optional(count),
        maxLoad: v.optional(v.pipe(v.number('must be a number'), v.minValue(1, 'must be at least 1'))),
      },
      'must be an object',
    ),
  ],
  "must name 'weighted-score', 'fastest' or 'sticky': the others have no settings and are given as text",
)

const isOwnStrategy = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['add', 'remove', 'pick'].every((name) => typeof Reflect.get(value, name) === 'function')

/** A name, a name with settings, or a user's own; the error speaks of what it looks like. */
const strategy = v.lazy((value) => {
  if (typeof value === 'string') return strategyName
  if (typeof value === 'object' && value !== null && 'name' in value && !isOwnStrategy(value)) return settings
  return v.custom(
    isOwnStrategy,
    `must be one of ${strategyNames.join(', ')}, an object with such a name, or an object with add, remove and pick`,
  )
})

const modelRule = v.lazy((value) =>
  typeof value === 'string'
    ? strategyName
    : strict(
        { strategy: v.optional(strategy), allow: v.optional(names), deny: v.optional(names) },
        'must be the name of a strategy, or an object of strategy, allow and deny',
      ),
)

const largeRule = v.lazy((value) =>
  typeof value === 'string'
    ? strategyName
    : strict(
        { strategy, aboveTokens: v.optional(wholeNumber) },
        'must be the name of a strategy, or an object of strategy and aboveTokens',
      ),
)

const limit = v.optional(
  v.pipe(
    v.number('must be a number'),
    v.finite('must be a finite number'),
    v.minValue(0, 'must not be negative'),
  ),
)

const limits = strict(
  Object.fromEntries(meters.map((meter) => [meter, limit])),
  `must be an object of ${meters.join(', ')}`,
)

/** A list would pass for an object with numbers as names. */
const byName = <Value extends v.GenericSchema>(value: Value, shape: string) =>
  v.pipe(
    v.custom<Readonly<Record<string, unknown>>>((given) => !Array.isArray(given), shape),
    v.record(text, value, shape),
  )

const byModel = <Value extends v.GenericSchema>(value: Value) =>
  byName(value, 'must be an object by model name or pattern')

const pacing = v.lazy((value) =>
  typeof value === 'boolean'
    ? v.boolean()
    : strict(
        { inFlight: v.optional(count), keys: v.optional(count), windowMs: v.optional(count) },
        'must be true, false, or an object of inFlight, keys and windowMs',
      ),
)

const keyMode = v.picklist(['all', 'selected', 'single'], "must be 'all', 'selected' or 'single'")

const schema = {
  strategy: v.optional(strategy),
  rules: v.optional(
    strict(
      {
        models: v.optional(byModel(modelRule)),
        free: v.optional(strategy),
        large: v.optional(largeRule),
        stream: v.optional(strategy),
      },
      'must be an object of models, free, large and stream',
    ),
  ),
  mode: v.optional(keyMode),
  selected: v.optional(names),
  limits: v.optional(
    strict(
      {
        models: v.optional(byModel(limits)),
        accounts: v.optional(byName(byModel(limits), 'must be an object by account name')),
        concurrency: v.optional(
          strict(
            { key: v.optional(count), account: v.optional(count), pool: v.optional(count) },
            'must be an object of key, account and pool',
          ),
        ),
        learn: v.optional(v.boolean('must be true or false')),
      },
      'must be an object of models, accounts, concurrency and learn',
    ),
  ),
  health: v.optional(
    strict(
      {
        failureThreshold: v.optional(count),
        maxEjected: v.optional(share),
        probes: v.optional(v.boolean('must be true or false')),
      },
      'must be an object of failureThreshold, maxEjected and probes',
    ),
  ),
  queue: v.optional(
    strict(
      { limit: v.optional(wholeNumber), maxWaitMs: duration },
      'must be an object of limit and maxWaitMs',
    ),
  ),
  pacing: v.optional(pacing),
  sessions: v.optional(
    strict(
      {
        by: v.optional(
          v.pipe(
            v.array(v.picklist(['header', 'user', 'prefix'], "must be 'header', 'user' or 'prefix'")),
            v.minLength(1, 'must name at least one of header, user and prefix'),
          ),
        ),
        header: v.optional(
          v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'must be the name of a header')),
        ),
        prefixBytes: v.optional(count),
      },
      'must be an object of by, header and prefixBytes',
    ),
  ),
  catalogue: v.optional(
    byModel(
      strict(
        {
          free: v.optional(v.boolean('must be true or false')),
          chargedOnly: v.optional(v.boolean('must be true or false')),
          limits: v.optional(limits),
        },
        'must be an object of free, chargedOnly and limits',
      ),
    ),
  ),
  leaseTimeoutMs: v.optional(count),
} satisfies v.ObjectEntries

/** The schema of each option here, for the schema of the whole. */
export const policySchema: Readonly<Record<keyof PolicyOptions, v.GenericSchema>> = schema

/** The policy of a pool, completed. */
export interface Policy {
  readonly strategy: StrategyChoice
  readonly rules: Rules
  readonly mode: KeyMode
  readonly selected: readonly string[]
  readonly limits: LimitOptions
  readonly concurrency: Concurrency
  readonly health: Required<HealthOptions>
  readonly queue: Required<QueueOptions>
  readonly pacing: PacingLimits | null
  readonly sessions: Required<SessionOptions>
  readonly catalogue: Readonly<Record<string, ModelFacts>>
  readonly leaseTimeoutMs: number
}

type Defaults = Readonly<Pick<Policy, 'concurrency' | 'health' | 'queue' | 'sessions' | 'leaseTimeoutMs'>>

const defaults = Object.freeze<Defaults>({
  concurrency: unlimited,
  health: { failureThreshold: 5, maxEjected: 0.1, probes: true },
  queue: { limit: 1_000, maxWaitMs: 15_000 },
  sessions: { by: ['header', 'user', 'prefix'], header: 'x-session-id', prefixBytes: 1024 },
  leaseTimeoutMs: 600_000,
})

/** Completes options that were checked by the schema, and checks what it cannot: how they go together. */
export function policyOf(options: PolicyOptions): Policy {
  const { mode = 'all', selected = [], limits = {}, pacing = false } = options
  checkMode(mode, options.selected)
  return {
    strategy: options.strategy ?? 'round-robin',
    rules: options.rules ?? {},
    mode,
    selected,
    limits,
    concurrency: completed(defaults.concurrency, limits.concurrency),
    health: completed(defaults.health, options.health),
    queue: completed(defaults.queue, options.queue),
    pacing: pacing === false ? null : completed(defaultPacing, pacing === true ? {} : pacing),
    sessions: completed(defaults.sessions, options.sessions),
    catalogue: options.catalogue ?? {},
    leaseTimeoutMs: options.leaseTimeoutMs ?? defaults.leaseTimeoutMs,
  }
}

/** Whether a key mode and its keys go together; throws a `ConfigError`. */
export function checkMode(mode: KeyMode, selected: readonly string[] | undefined): void {
  if (mode === 'all' && selected !== undefined)
    throw new ConfigError('selected', "goes with mode 'selected' or 'single' only", selected)
  if (mode === 'selected' && (selected ?? []).length === 0)
    throw new ConfigError('selected', "must name at least one key with mode 'selected'", selected)
  if (mode === 'single' && selected?.length !== 1)
    throw new ConfigError('selected', "must name exactly one key with mode 'single'", selected)
}

/** A key mode given while the pool runs; throws a `ConfigError`. */
export function checkModeInput(mode: unknown, selected: unknown): void {
  check(
    strict({ mode: keyMode, selected: schema.selected }, 'must be an object'),
    { mode, ...(selected === undefined ? {} : { selected }) },
    '',
  )
  checkMode(mode as KeyMode, selected as readonly string[] | undefined)
}
