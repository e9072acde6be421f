import type { PoolEmitter } from '../events.js'
import type { Key, KeyAccount } from '../key/key.js'
import type { Concurrency } from '../limit/concurrency.js'
import type { LimitOptions } from '../limit/limit-options.js'
import type { Pacing } from '../limit/pacing.js'
import type { Thresholds } from '../money/min-balance.js'
import type { ModelFacts, Provider } from '../provider/provider.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Rules, StrategyChoice } from '../selection/rules.js'
import type { HealthOptions } from './health-options.js'

/** What the keyring signals to the other parts of the pool. */
export interface KeyringSignals {
  /** A key's state changed, and its account's where one is given. */
  readonly onChange: (key: Key, account: KeyAccount | null) => void
  /** A key cools down: a free request may ask about it when its cooldown is over. */
  readonly onTrouble: (key: Key) => void
  /** A place became free, or may have: for a model, or for any. */
  readonly onFree: (model: string | null) => void
}

export interface KeyringOptions extends KeyringSignals {
  readonly provider: Provider
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly strategy: StrategyChoice
  readonly rules: Rules
  readonly limits: LimitOptions
  readonly concurrency: Concurrency
  readonly pacing: Pacing<Key> | null
  readonly catalogue: Readonly<Record<string, ModelFacts>>
  readonly health: Required<HealthOptions>
  /** The least that accounts should keep; null for no such rule. @default null */
  readonly thresholds?: Thresholds | null
}
