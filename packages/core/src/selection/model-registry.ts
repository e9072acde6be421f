import { type AgedEntry, BoundedMap } from '../collections/bounded-map.js'
import { PatternMap } from '../collections/pattern-map.js'
import type { EjectionGuard } from '../key/ejection-guard.js'
import type { KeyAccount } from '../key/key.js'
import type { ModelStorm } from '../key/model-storm.js'
import type { Limits } from '../limit/meters.js'
import type { PoolGrowth } from '../limit/pool-growth.js'
import { type NeededFunds, neededFunds } from '../money/funds.js'
import type { ModelFacts, Provider } from '../provider/provider.js'
import { AccountIndex } from './account-index.js'
import type { CachedRefusal, RefusalSlots } from './refusal-cache.js'
import type { Roster } from './roster.js'
import type { Rosters } from './rosters.js'
import { ModelAccess, type Rules } from './rules.js'

/** Clients make up model names, so only this many are kept. */
const maxModels = 1_000
/** Weight of the latest answer in the average output. */
const averageWeight = 0.1
/** Output tokens expected of a model before its first answer. */
const firstEstimate = 256

/** What the pool knows of one model: its facts, its rule, and what it has learned of it. */
export class ModelEntry implements RefusalSlots, AgedEntry<ModelEntry> {
  readonly name: string
  readonly site: string
  readonly needs: NeededFunds
  readonly limits: Limits | undefined
  /** The roster of the model's own rule; undefined when it has none. */
  readonly roster: Roster | undefined
  readonly access: ModelAccess | undefined
  readonly #factsOn: (site: string) => ModelFacts | undefined
  #averageOutput: number | null = null
  /** Whether it was asked for again since it was added or last passed over. */
  isUsed = false
  /** Whether an account has learned a limit of this model. */
  hasLearned = false
  /** Whether any known limit of this model counts tokens, so that requests must be estimated. */
  countsTokens = false
  cachedRefusal: CachedRefusal | null = null
  cachedFreeRefusal: CachedRefusal | null = null
  epoch = 0
  readonly accountIndex: AccountIndex = new AccountIndex()
  /** The accounts that failed on it one after another; made with the first failure. */
  storm: ModelStorm<KeyAccount> | null = null
  /** Doubts refusals for limits when account after account is refused; made with the first one. */
  limitGuard: EjectionGuard | null = null
  /** Trials beyond learned limits; made when the first one is wanted. */
  growth: PoolGrowth | null = null
  older: ModelEntry | undefined
  newer: ModelEntry | undefined

  constructor(given: {
    name: string
    site: string
    factsOn: (site: string) => ModelFacts | undefined
    roster: Roster | undefined
    access: ModelAccess | undefined
  }) {
    this.name = given.name
    this.site = given.site
    this.#factsOn = given.factsOn
    const facts = given.factsOn(given.site)
    this.needs = neededFunds(facts)
    this.limits = facts?.limits
    this.roster = given.roster
    this.access = given.access
  }

  needsOn(site: string): NeededFunds {
    return site === this.site ? this.needs : neededFunds(this.#factsOn(site))
  }

  /** Returns whether it was asked for again, and begins anew. */
  resetUse(): boolean {
    const { isUsed } = this
    this.isUsed = false
    return isUsed
  }

  /** Estimates the tokens of a call: its input, and the average output of the model up to what the call allows. */
  expectedTokens(promptTokens: number, maxOutput: number | null): number {
    const output = this.#averageOutput ?? maxOutput ?? firstEstimate
    return promptTokens + (maxOutput === null ? output : Math.min(output, maxOutput))
  }

  learnOutput(tokens: number): void {
    const before = this.#averageOutput
    this.#averageOutput = before === null ? tokens : before + averageWeight * (tokens - before)
  }
}

/** The entries of the models that were asked for lately. */
export class ModelRegistry {
  readonly #entries = new BoundedMap<string, ModelEntry>({
    limit: maxModels,
    keyOf: ({ name }) => name,
    // A made-up name is asked for once, so it goes first.
    isSpared: (entry) => entry.resetUse(),
  })
  readonly #provider: Provider
  readonly #catalogue: PatternMap<ModelFacts>
  readonly #access: PatternMap<ModelAccess>
  readonly #rosters: Rosters

  constructor(given: {
    provider: Provider
    catalogue: Readonly<Record<string, ModelFacts>>
    rules: Rules
    rosters: Rosters
  }) {
    this.#provider = given.provider
    this.#catalogue = new PatternMap(given.catalogue)
    this.#access = new PatternMap(accessByModel(given.rules.models ?? {}))
    this.#rosters = given.rosters
  }

  entryOf(name: string): ModelEntry {
    const known = this.#entries.get(name)
    if (known !== undefined) {
      known.isUsed = true
      return known
    }
    const entry = new ModelEntry({
      name,
      site: this.#provider.site,
      factsOn: (site) => this.#factsOf(name, site),
      roster: this.#rosters.ofModel(name),
      access: this.#access.get(name),
    })
    this.#entries.add(entry)
    return entry
  }

  /** Forgets the cooldowns of an account on all models, after one was ended before its time. */
  forgetCooldowns(account: number): void {
    for (const { accountIndex } of this.#entries.values()) accountIndex.forgetCooldown(account)
  }

  /** Merges the facts: what the operator declares for the model replaces what the provider knows, fact by fact. */
  #factsOf(name: string, site: string): ModelFacts | undefined {
    return { ...this.#provider.model?.(name, site), ...this.#catalogue.get(name) }
  }
}

function accessByModel(models: NonNullable<Rules['models']>): Record<string, ModelAccess> {
  const access: Record<string, ModelAccess> = {}
  for (const [pattern, rule] of Object.entries(models)) {
    if (typeof rule === 'object' && (rule.allow !== undefined || rule.deny !== undefined))
      access[pattern] = new ModelAccess(rule)
  }
  return access
}
