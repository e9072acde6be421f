import { Accounts } from '../key/accounts.js'
import type { Key } from '../key/key.js'
import { DeclaredLimits } from '../limit/limit-options.js'
import { ModelRegistry } from '../selection/model-registry.js'
import { Quotas } from '../selection/quotas.js'
import { Rosters } from '../selection/rosters.js'
import { Selector } from '../selection/selector.js'
import type { KeyringOptions } from './keyring-options.js'

export interface SelectionParts {
  readonly accounts: Accounts
  readonly quotas: Quotas
  readonly selection: Selector
}

/** The accounts of the keys, and what picks among the keys. */
export function wireSelection(options: KeyringOptions, keys: ReadonlyMap<string, Key>): SelectionParts {
  const { provider, runtime, events, strategy, rules, catalogue, limits, concurrency, pacing } = options
  const rosters = new Rosters({
    strategy,
    rules,
    chance: runtime.random,
    // Not in the middle of a pick: a listener may ask the pool for something in turn.
    onFault: (fault, cause) => queueMicrotask(() => events.emit('strategy-fault', { fault, cause })),
  })
  const models = new ModelRegistry({ provider, catalogue, rules, rosters })
  const accounts = new Accounts(({ number }) => models.forgetCooldowns(number))
  const quotas = new Quotas({
    models,
    limits: new DeclaredLimits(limits),
    learns: limits.learn ?? true,
    dayOffsetMs: provider.dayOffsetMs,
  })
  const parts = { rosters, models, quotas, concurrency, pacing, keys, accounts: accounts.byId }
  return { accounts, quotas, selection: new Selector(parts) }
}
