import { type Cooldown, isSoft } from './cooldown.js'
import type { Key } from './key.js'

/** Why a key may not serve. `resting`: by our own guess only, so it may still be tried when nothing else is ready. */
export type Hindrance = 'disabled' | 'invalid' | 'exhausted' | 'cooling' | 'probing' | 'resting'

/** What keeps a key out for every model. `probing`: another request is the account's trial just now. */
export function hindranceOfKey(key: Key): Hindrance | undefined {
  if (!key.enabled) return 'disabled'
  const { health, trial } = key.account
  if (key.health.status === 'invalid' || health.status === 'invalid') return 'invalid'
  if (health.status === 'exhausted' || health.status === 'cooling') return health.status
  return health.status === 'probing' && trial !== null ? 'probing' : undefined
}

/** What keeps a seated key from this model now. */
export function hindranceOnModel(key: Key, model: string, now: number): Hindrance | undefined {
  if (key.account.cooldowns.size === 0) return undefined
  const cooldown = activeCooldown(key, model, now)
  if (cooldown === undefined) return undefined
  return isSoft(cooldown) ? 'resting' : 'cooling'
}

export function activeCooldown(key: Key, model: string, now: number): Cooldown | undefined {
  const cooldown = key.account.cooldowns.get(model)
  return cooldown !== undefined && cooldown.until > now ? cooldown : undefined
}
