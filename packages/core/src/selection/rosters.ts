import { PatternMap } from '../collections/pattern-map.js'
import type { Key } from '../key/key.js'
import { namedStrategy } from '../strategy/named.js'
import type { Strategy } from '../strategy/strategy.js'
import { type IneligibleReason, isAboutFunds, lacksFunds } from './key-eligibility.js'
import { type OnStrategyFault, Roster } from './roster.js'
import type { ModelRule, Rules, StrategyChoice } from './rules.js'

export interface RosterOptions {
  readonly strategy: StrategyChoice
  readonly rules: Rules
  readonly chance: () => number
  readonly onFault: OnStrategyFault
}

/** The part of a request that decides which rule it falls under. */
export interface RuledRequest {
  readonly promptTokens: number
  readonly isStream: boolean
}

const defaultAboveTokens = 5_000

/**
 * One roster for each rule, and one for the keys of accounts without money. Those may still serve models that cost
 * nothing, and serve them before the keys that could serve others.
 */
export class Rosters {
  /** The keys of accounts without money, asked first for free models. */
  readonly spare: Roster
  readonly #usual: Roster
  readonly #free: Roster
  readonly #large: Roster | null
  readonly #stream: Roster | null
  readonly #largeAbove: number
  readonly #models: PatternMap<Roster>
  readonly #all: Roster[] = []
  /** Whether a strategy compares requests or tokens per minute: they are counted only then. */
  readonly usesRates: boolean

  constructor({ strategy, rules, chance, onFault }: RosterOptions) {
    const own = new Map<Strategy, Roster>()
    let usesRates = false
    const rosterOf = (choice: StrategyChoice): Roster => {
      usesRates ||= isOwn(choice) || comparesRates.has(typeof choice === 'string' ? choice : choice.name)
      const known = isOwn(choice) ? own.get(choice) : undefined
      if (known !== undefined) return known
      const roster = isOwn(choice) ? new Roster(choice, onFault) : new Roster(namedStrategy(choice, chance))
      if (isOwn(choice)) own.set(choice, roster)
      this.#all.push(roster)
      return roster
    }
    const { free, large, stream, models = {} } = rules
    this.#usual = rosterOf(strategy)
    this.#free = free === undefined ? this.#usual : rosterOf(free)
    const largeChoice = typeof large === 'object' ? large.strategy : large
    this.#large = largeChoice === undefined ? null : rosterOf(largeChoice)
    this.#largeAbove = (typeof large === 'object' ? large.aboveTokens : undefined) ?? defaultAboveTokens
    this.#stream = stream === undefined ? null : rosterOf(stream)
    this.#models = new PatternMap(byModel(models, rosterOf))
    const spare = free ?? strategy
    // A user's own strategy is one object, and would mix the members of two rosters.
    this.spare = new Roster(namedStrategy(isOwn(spare) ? 'round-robin' : spare, chance))
    this.usesRates = usesRates
  }

  /** Returns the roster of the model's own rule, if it has one. */
  ofModel(model: string): Roster | undefined {
    return this.#models.get(model)
  }

  /** Returns the roster for a request whose model has none of its own. */
  ofRequest(isFree: boolean, request: RuledRequest): Roster {
    if (isFree) return this.#free
    if (this.#large !== null && request.promptTokens > this.#largeAbove) return this.#large
    return this.#stream !== null && request.isStream ? this.#stream : this.#usual
  }

  /** Moves a key into the rosters that its eligibility allows, and out of the others. */
  update(key: Key, reason: IneligibleReason | undefined): void {
    const isReady = reason === undefined
    for (const roster of this.#all) roster.set(key, isReady)
    this.spare.set(key, isSpare(key, reason))
  }
}

const comparesRates: ReadonlySet<string> = new Set(['low-rpm', 'low-tpm', 'weighted-score'])

const isOwn = (choice: StrategyChoice): choice is Strategy => typeof choice === 'object' && 'pick' in choice

/** Whether only a lack of money keeps the key out. */
const isSpare = (key: Key, reason: IneligibleReason | undefined): boolean =>
  isAboutFunds(key, reason) && !lacksFunds(key, 'nothing')

function byModel(
  models: NonNullable<Rules['models']>,
  rosterOf: (choice: StrategyChoice) => Roster,
): Record<string, Roster> {
  const rosters: Record<string, Roster> = {}
  for (const [pattern, rule] of Object.entries(models)) {
    const strategy = strategyOf(rule)
    if (strategy !== undefined) rosters[pattern] = rosterOf(strategy)
  }
  return rosters
}

const strategyOf = (rule: string | ModelRule): StrategyChoice | undefined =>
  typeof rule === 'string' ? (rule as StrategyChoice) : rule.strategy
