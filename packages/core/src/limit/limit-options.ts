import { PatternMap } from '../collections/pattern-map.js'
import type { Concurrency } from './concurrency.js'
import type { Limits } from './meters.js'

/** Limits to keep, so that the upstream need not refuse. */
export interface LimitOptions {
  /**
   * What one account may do with a model, by model name or by pattern with `*`; of several patterns the longest
   * counts. Replaces what the provider's catalogue says of that model.
   */
  readonly models?: Readonly<Record<string, Limits>>
  /** The same for single accounts, by account name and then by model; comes before `models`. */
  readonly accounts?: Readonly<Record<string, Readonly<Record<string, Limits>>>>
  /** How many calls may run at once. @default no limit */
  readonly concurrency?: Partial<Concurrency>
  /** Whether limits are learned from the upstream's refusals, for each account and model. @default true */
  readonly learn?: boolean
}

/** The limits that were declared, by account and model. */
export class DeclaredLimits {
  readonly #models: PatternMap<Limits>
  readonly #accounts: ReadonlyMap<string, PatternMap<Limits>>

  constructor({ models = {}, accounts = {} }: LimitOptions) {
    this.#models = new PatternMap(models)
    this.#accounts = new Map(
      Object.entries(accounts).map(([account, byModel]) => [account, new PatternMap(byModel)]),
    )
  }

  /** Null where nothing is declared; `catalogue` is what the provider says. */
  of(account: string, model: string, catalogue: Limits | undefined): Limits | null {
    return this.#accounts.get(account)?.get(model) ?? this.#models.get(model) ?? catalogue ?? null
  }
}
