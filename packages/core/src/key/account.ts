import type { Cooldown } from './cooldown.js'
import { type Health, ready } from './health.js'
import type { Key } from './key.js'

/** Money left at the upstream, with where the figure comes from and how old it is. */
export interface Balance {
  /** Decimal string, null when nothing is known. */
  readonly amount: string | null
  readonly currency: string
  /** `known`: the upstream said so. `estimated`: the operator said so. `unsupported`: the upstream no longer tells. */
  readonly source: 'known' | 'estimated' | 'unknown' | 'unsupported'
  /** When the figure was taken, in milliseconds since the Unix epoch. */
  readonly at: number | null
}

/** What the upstream limits and bills. Holds at least one key; keys that name no account have one each. */
export class Account {
  readonly id: string
  readonly keys: Set<Key> = new Set()
  health: Health = ready
  /** Rests by model. Entries that are over stay until a success, because the next rest grows from them. */
  readonly cooldowns: Map<string, Cooldown> = new Map()
  balance: Balance | null = null

  constructor(id: string) {
    this.id = id
  }
}
