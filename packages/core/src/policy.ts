import { ConfigError } from './errors.js'
import type { HealthOptions } from './keyring/health-tracker.js'
import type { LimitOptions } from './limit/limit-options.js'
import { defaultPacing, type PacingLimits } from './limit/pacing.js'
import { keyMode, policySchema } from './policy-schema.js'
import type { ModelFacts } from './provider/provider.js'
import type { HedgingOptions } from './relay/hedge/hedging.js'
import type { ModelOptions } from './relay/model/aliases.js'
import type { SessionOptions } from './relay/request/call-key-request.js'
import type { StreamOptions } from './relay/request/restream.js'
import { type Concurrency, unlimited } from './selection/key-eligibility.js'
import type { KeyMode, Rules, StrategyChoice } from './selection/rules.js'
import { check, completed, strict } from './validation.js'

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
  /** Other names for models, and other models where one cannot serve. */
  readonly models?: ModelOptions
  /**
   * A second attempt on another account for requests that wait unusually long for their first output: `true` for at
   * most one in twenty, after the time that 95 of 100 requests to the model needed lately. @default false
   */
  readonly hedging?: boolean | HedgingOptions
  /** How answers are streamed to clients: their pace, their form, and what keeps a silent connection alive. */
  readonly streams?: StreamOptions
  /** After how long a lease that was not settled is given back, in milliseconds. @default 600_000 */
  readonly leaseTimeoutMs?: number
}

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
  readonly models: ModelOptions
  /** Null for none. */
  readonly hedging: HedgingOptions | null
  readonly streams: StreamOptions
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
  const { mode = 'all', selected = [], limits = {}, pacing = false, hedging = false } = options
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
    models: options.models ?? {},
    hedging: hedging === false ? null : hedging === true ? {} : hedging,
    streams: options.streams ?? {},
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
    strict({ mode: keyMode, selected: policySchema.selected }, 'must be an object'),
    { mode, ...(selected === undefined ? {} : { selected }) },
    '',
  )
  checkMode(mode as KeyMode, selected as readonly string[] | undefined)
}
