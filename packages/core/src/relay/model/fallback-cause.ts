import type { Outcome } from '../../outcome/outcome.js'
import type { Refusal } from '../../selection/refusal.js'

/**
 * Why a model could not serve a request, as far as another model may:
 * - `limits`: every account that may use it is at a limit or cooling down.
 * - `overload`: the upstream was overloaded, did not answer in time, broke off, or answered with nothing.
 * - `access`: no account has the money or the permission for it.
 * - `model`: it is unknown, switched off or retired.
 * - `context`: the request is too long for it.
 * - `content`: the request offends its rules on content.
 */
export type FallbackCause = 'limits' | 'overload' | 'access' | 'model' | 'context' | 'content'

/** The causes that `any` stands for: those that are no fault of the request itself. */
export const anyCause: ReadonlySet<FallbackCause> = new Set(['limits', 'overload', 'access', 'model'])

export const fallbackCauses: readonly FallbackCause[] = Object.freeze([...anyCause, 'context', 'content'])

const causeOfCode: Readonly<Partial<Record<Refusal['code'], FallbackCause>>> = {
  all_keys_cooling: 'limits',
  queue_full: 'limits',
  all_keys_exhausted: 'access',
  no_keys: 'access',
}

/** The cause for a request that got no key; null when no other model could help. */
export const causeOfRefusal = ({ code }: Refusal): FallbackCause | null => causeOfCode[code] ?? null

/** The cause for an attempt that failed; null when another model would fail alike. */
export function causeOfOutcome(outcome: Outcome): FallbackCause | null {
  switch (outcome.fault) {
    case 'limit':
      return 'limits'
    case 'overload':
      return 'overload'
    case 'network':
      // A call that could not be sent could not be sent for another model either.
      return outcome.maybeRan === true && outcome.phase !== 'total' ? 'overload' : null
    case 'funds':
    case 'permission':
      return 'access'
    case 'model':
      return 'model'
    case 'caller':
      return outcome.against ?? null
    default:
      return null
  }
}
