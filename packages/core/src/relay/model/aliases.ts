import { PatternMap } from '../../collections/pattern-map.js'
import { anyCause, type FallbackCause, fallbackCauses } from './fallback-cause.js'
import type { ModelList, ModelOptions } from './model-options.js'

/** The models to try when one cannot serve, by cause. */
export type Fallbacks = Readonly<Record<FallbackCause, readonly string[]>>

const none: readonly string[] = []

/** The operator's names for models, and the models that may replace others. */
export class Aliases {
  /** The aliases that are names, not patterns, with their models: a list of models can show these. */
  readonly listed: ReadonlyMap<string, string>
  readonly #aliases: PatternMap<string> | null
  readonly #fallbacks: PatternMap<Fallbacks> | null

  constructor({ aliases = {}, fallbacks = {} }: ModelOptions = {}) {
    this.listed = new Map(Object.entries(aliases).filter(([alias]) => !alias.includes('*')))
    this.#aliases = Object.keys(aliases).length === 0 ? null : new PatternMap(aliases)
    const lists = Object.entries(fallbacks).map(([model, given]) => [model, fallbacksOf(given)] as const)
    this.#fallbacks = lists.length === 0 ? null : new PatternMap(Object.fromEntries(lists))
  }

  /** The model that a name stands for: itself when it is not an alias. The pattern `*` does not match an empty name. */
  modelOf(asked: string): string {
    return asked === '' ? asked : (this.#aliases?.get(asked) ?? asked)
  }

  /** The models to try when this one cannot serve, by cause; undefined for a model without fallbacks. */
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
