import { type Cooldown, isSoft } from './cooldown.js'
import type { Key } from './key.js'

/** Why a key may not serve. `resting`: by our own guess only, so it may still be tried when nothing else is ready. */
export type Hindrance = 'disabled' | 'invalid' | 'exhausted' | 'cooling' | 'probing' | 'resting'

/** What keeps a key out for every model, apart from a trial in progress. */
export function hindranceOfKey(key: Key): Hindrance | undefined {
  if (!key.enabled) return 'disabled'
  const { status } = key.health
  if (status === 'invalid' || key.account.health.status === 'invalid') return 'invalid'
  if (status === 'exhausted' || key.account.health.status === 'exhausted') return 'exhausted'
  if (status === 'cooling' || key.account.health.status === 'cooling') return 'cooling'
  return undefined
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
