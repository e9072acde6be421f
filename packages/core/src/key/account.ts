import type { Cooldown } from './cooldown.js'
import { type Health, isTimed, ready } from './health.js'
import type { Key } from './key.js'
import type { Turn } from './turn.js'

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

/** Model names come from clients, so what is remembered of them is bounded. */
const maxPastCooldowns = 256

/** What the upstream limits and bills. Holds at least one key; keys that name no account have one each. */
export class Account {
  readonly id: string
  readonly keys: Set<Key> = new Set()
  health: Health = ready
  /** The one attempt that may find out whether a rest is really over; null unless the health is `probing`. */
  trial: Turn | null = null
  /** Rests by model. Entries that are over stay until a success, because the next rest grows from them. */
  readonly cooldowns: Map<string, Cooldown> = new Map()
  balance: Balance | null = null

  constructor(id: string) {
    this.id = id
  }

  /** Notes a rest, and forgets those that are over when there are too many to remember. */
  rest(cooldown: Cooldown, now: number): void {
    const { cooldowns } = this
    if (cooldowns.size >= maxPastCooldowns) {
      for (const [model, { until }] of cooldowns) if (until <= now) cooldowns.delete(model)
    }
    cooldowns.set(cooldown.model, cooldown)
  }

  /** Moves the rests along with a clock that was set forth or back, so that they keep their lengths. */
  moveRests(byMs: number): void {
    const { cooldowns, health } = this
    if (isTimed(health)) this.health = { ...health, until: health.until + byMs }
    for (const [model, { since, until, ...rest }] of cooldowns) {
      cooldowns.set(model, { ...rest, since: since + byMs, until: until + byMs })
    }
  }
}
