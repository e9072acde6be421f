import type { ErrorCode } from '../errors.js'
import { maskTokens } from '../mask.js'
import { activeCooldown, hindranceOfKey } from './eligibility.js'
import type { Key } from './key.js'

/** Why no key can be leased now. */
export interface Refusal {
  readonly code: Extract<
    ErrorCode,
    | 'no_keys'
    | 'all_keys_cooling'
    | 'all_keys_exhausted'
    | 'all_keys_invalid'
    | 'pool_closed'
    | 'store_failed'
    | 'invalid_config'
  >
  readonly message: string
  /** Until the first key is free again, when that is known. */
  readonly retryAfterMs: number | undefined
}

export const closedRefusal: Refusal = {
  code: 'pool_closed',
  message: 'The pool is closed',
  retryAfterMs: undefined,
}

/** A user's own strategy threw instead of picking. */
export function strategyRefusal(error: unknown): Refusal {
  const words = error instanceof Error ? error.message : String(error)
  return {
    code: 'invalid_config',
    message: `strategy must not throw from pick; it threw: ${maskTokens(words)}`,
    retryAfterMs: undefined,
  }
}

/** Looks at every key once, so it belongs on the path of failure only. */
export function refusalFor(keys: Iterable<Key>, model: string, now: number): Refusal {
  let total = 0
  let exhausted = 0
  let invalid = 0
  let disabled = 0
  let freeAt = Number.POSITIVE_INFINITY
  let exhaustedUntil = Number.POSITIVE_INFINITY
  for (const key of keys) {
    total++
    const hindrance = hindranceOfKey(key)
    if (hindrance === 'disabled') disabled++
    else if (hindrance === 'invalid') invalid++
    else if (hindrance === 'exhausted') {
      exhausted++
      exhaustedUntil = Math.min(exhaustedUntil, restEnd(key))
    } else
      freeAt = Math.min(
        freeAt,
        hindrance === 'cooling' ? restEnd(key) : (activeCooldown(key, model, now)?.until ?? now + 1000),
      )
  }
  if (total === 0) return refuse('no_keys', 'The pool has no keys. Add one with: sfpool add <key>')
  if (disabled === total)
    return refuse('no_keys', `All ${total} keys are disabled. Enable one with: sfpool enable <id>`)
  if (freeAt !== Number.POSITIVE_INFINITY) {
    const waitMs = Math.max(freeAt - now, 1)
    const on = model === '' ? '' : ` on ${model}`
    return refuse(
      'all_keys_cooling',
      `Every usable key is cooling${on}; the first is free in ${Math.ceil(waitMs / 1000)} s`,
      waitMs,
    )
  }
  if (exhausted > 0) {
    const message = 'No account has balance left. Top one up, then run: sfpool enable <id>'
    return refuse('all_keys_exhausted', message, Math.max(exhaustedUntil - now, 1))
  }
  return refuse(
    'all_keys_invalid',
    `All ${invalid} enabled keys are refused by the upstream. See why with: sfpool list`,
  )
}

const refuse = (code: Refusal['code'], message: string, retryAfterMs?: number): Refusal => ({
  code,
  message,
  retryAfterMs,
})

/** When the account's rest is over. */
function restEnd({ account }: Key): number {
  return 'until' in account.health ? account.health.until : 0
}
