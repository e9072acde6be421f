import * as v from 'valibot'
import { defaultHealth, type HealthOptions, healthSchema } from './keyring/health-options.js'
import { defaultLeasePolicy, type QueueOptions, queueSchema } from './lease/lease-options.js'
import { type Concurrency, unlimited } from './limit/concurrency.js'
import type { LimitOptions } from './limit/limit-options.js'
import { limitOptionsSchema, limitsSchema, pacingSchema } from './limit/limit-schema.js'
import { defaultPacing, type PacingLimits } from './limit/pacing.js'
import type { ModelFacts } from './provider/provider.js'
import { type RetryBudgetOptions, retryBudgetSchema } from './relay/failover/retry-budget.js'
import { type HedgingOptions, hedgingSchema } from './relay/hedge/hedging.js'
import { type ModelOptions, modelSchema } from './relay/model/model-options.js'
import { defaultSessions, type SessionOptions, sessionSchema } from './relay/request/session-options.js'
import { type StreamOptions, streamSchema } from './relay/request/stream-options.js'
import type { KeyMode, Rules, StrategyChoice } from './selection/rules.js'
import { checkMode, keyMode, keyNames, rulesSchema } from './selection/rules-schema.js'
import { strategyChoice } from './strategy/strategy-schema.js'
import { byModel, completed, positiveInteger, strict } from './validation.js'

/** Which keys serve what, how much, and what happens when none can. */
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
  /** How many further calls may follow failures that blame no key, so that a storm does not multiply them. */
  readonly retryBudget?: RetryBudgetOptions
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
  readonly retryBudget: RetryBudgetOptions
  readonly streams: StreamOptions
  readonly leaseTimeoutMs: number
}

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
    concurrency: completed(unlimited, limits.concurrency),
    health: completed(defaultHealth, options.health),
    queue: completed(defaultLeasePolicy.queue, options.queue),
    pacing: pacing === false ? null : completed(defaultPacing, pacing === true ? {} : pacing),
    sessions: completed(defaultSessions, options.sessions),
    catalogue: options.catalogue ?? {},
    models: options.models ?? {},
    hedging: hedging === false ? null : hedging === true ? {} : hedging,
    retryBudget: options.retryBudget ?? {},
    streams: options.streams ?? {},
    leaseTimeoutMs: options.leaseTimeoutMs ?? defaultLeasePolicy.leaseTimeoutMs,
  }
}

/** What is right for each option of the policy, apart from how they go together. */
export const policySchema: Readonly<Record<keyof PolicyOptions, v.GenericSchema>> = {
  strategy: v.optional(strategyChoice),
  rules: v.optional(rulesSchema),
  mode: v.optional(keyMode),
  selected: v.optional(keyNames),
  limits: v.optional(limitOptionsSchema),
  health: v.optional(healthSchema),
  queue: v.optional(queueSchema),
  pacing: v.optional(pacingSchema),
  sessions: v.optional(sessionSchema),
  catalogue: v.optional(
    byModel(
      strict(
        {
          free: v.optional(v.boolean('must be true or false')),
          chargedOnly: v.optional(v.boolean('must be true or false')),
          limits: v.optional(limitsSchema),
        },
        'must be an object of free, chargedOnly and limits',
      ),
    ),
  ),
  models: v.optional(modelSchema),
  hedging: v.optional(hedgingSchema),
  retryBudget: v.optional(retryBudgetSchema),
  streams: v.optional(streamSchema),
  leaseTimeoutMs: v.optional(positiveInteger),
}
