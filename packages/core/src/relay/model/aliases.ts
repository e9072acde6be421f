import { PatternMap } from '../../collections/pattern-map.js'
import { anyCause, type FallbackCause, fallbackCauses } from './fallback-cause.js'
import type { ModelList, ModelOptions } from './model-options.js'

/** The models to try, by cause. */
export type Fallbacks = Readonly<Record<FallbackCause, readonly string[]>>

const none: readonly string[] = []

/** What the operator calls models, and which may stand in for which. */
export class Aliases {
  /** The aliases that are names, not patterns, with their models: those that a list of models can show. */
  readonly listed: ReadonlyMap<string, string>
  readonly #aliases: PatternMap<string> | null
  readonly #fallbacks: PatternMap<Fallbacks> | null

  constructor({ aliases = {}, fallbacks = {} }: ModelOptions = {}) {
    this.listed = new Map(Object.entries(aliases).filter(([alias]) => !alias.includes('*')))
    this.#aliases = Object.keys(aliases).length === 0 ? null : new PatternMap(aliases)
    const lists = Object.entries(fallbacks).map(([model, given]) => [model, fallbacksOf(given)] as const)
    this.#fallbacks = lists.length === 0 ? null : new PatternMap(Object.fromEntries(lists))
  }

  /** The model that a name stands for: itself when it is no alias. What names no model is not given one by a `*`. */
  modelOf(asked: string): string {
    return asked === '' ? asked : (this.#aliases?.get(asked) ?? asked)
  }

  /** The models to try when this one cannot serve, by cause; undefined when there are none. */
  fallbacksOf(model: string): Fallbacks | undefined {
    return model === '' ? undefined : this.#fallbacks?.get(model)
  }
}

function fallbacksOf(given: NonNullable<ModelOptions['fallbacks']>[string]): Fallbacks {
  const lists: Readonly<Partial<Record<FallbackCause | 'any', ModelList>>> =
    typeof given === 'string' || isList(given) ? { any: given } : given
  const entries = fallbackCauses.map((cause) => [
    cause,
    listOf(lists[cause] ?? (anyCause.has(cause) ? lists.any : undefined)),
  ])
  return Object.fromEntries(entries) as Record<FallbackCause, readonly string[]>
}

const isList = (given: unknown): given is readonly string[] => Array.isArray(given)

const listOf = (given: ModelList = none): readonly string[] => (typeof given === 'string' ? [given] : given)
