import type { Key } from '../key/key.js'
import { maskTokens } from '../mask.js'
import type { StrategyName, StrategySettings } from '../strategy/named.js'
import type { Strategy } from '../strategy/strategy.js'

/** A strategy by name, by name with settings, or a user's own. */
export type StrategyChoice = StrategyName | StrategySettings | Strategy

/** The rule of one model, or of the models that a pattern names. */
export interface ModelRule {
  /** @default the pool's */
  readonly strategy?: StrategyChoice
  /** Only these keys serve it: ids, labels, accounts or masks. @default all */
  readonly allow?: readonly string[]
  /** These keys never serve it. @default none */
  readonly deny?: readonly string[]
}

/**
 * Which strategy serves which requests. The first of these that is given holds: the model's own rule, `free`, `large`,
 * `stream`, and then the pool's `strategy`.
 */
export interface Rules {
  /** By model name, or by pattern with `*` as in `Pro/*`; of several the longest. */
  readonly models?: Readonly<Record<string, StrategyName | ModelRule>>
  /** For models that cost nothing. Whatever the strategy, accounts without money serve these first. @default the pool's */
  readonly free?: StrategyChoice
  /** For requests of more input than `aboveTokens` (5,000 by default), estimated by size. */
  readonly large?: StrategyName | { readonly strategy: StrategyChoice; readonly aboveTokens?: number }
  /** For requests that ask for a stream. */
  readonly stream?: StrategyChoice
}

/** Which keys may serve at all: every one, those selected, or a single one. */
export type KeyMode = 'all' | 'selected' | 'single'

/** Names keys by id, label, account or mask. */
export class KeyNames {
  readonly #names: ReadonlySet<string>

  constructor(names: readonly string[]) {
    this.#names = new Set(names.map((name) => name.replace('...', '…')))
  }

  has({ id, label, account, secret }: Key): boolean {
    const names = this.#names
    return (
      names.has(id) || (label !== null && names.has(label)) || names.has(account.id) || names.has(secret.mask)
    )
  }

  toString(): string {
    return Array.from(this.#names, maskTokens).join(', ')
  }
}

/** Whether a key mode leaves any key in service. */
export function hasAny(mode: KeyMode, selected: readonly string[] | undefined, keys: Iterable<Key>): boolean {
  if (mode === 'all') return true
  const names = new KeyNames(selected ?? [])
  for (const key of keys) if (names.has(key)) return true
  return false
}

/** Which keys may serve a model. */
export class ModelAccess {
  readonly #allow: KeyNames | null
  readonly #deny: KeyNames | null

  constructor({ allow, deny }: ModelRule) {
    this.#allow = allow === undefined ? null : new KeyNames(allow)
    this.#deny = deny === undefined ? null : new KeyNames(deny)
  }

  allows(key: Key): boolean {
    return (this.#allow?.has(key) ?? true) && !(this.#deny?.has(key) ?? false)
  }
}
