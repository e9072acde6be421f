import { KeyPoolError } from '../../errors.js'
import type { Outcome } from '../../outcome/outcome.js'
import { isRepeatable } from '../../outcome/switching.js'
import type { Route } from '../../provider/provider.js'
import { optionOf } from '../attempt/timeouts.js'

/** The error for a request whose last attempt brought no answer that could be passed on. */
export function errorOf(
  outcome: Outcome,
  attempts: number,
  route: Route,
  endedBy: 'retryBudget' | null = null,
): KeyPoolError {
  const words = outcome.message ?? outcome.kind
  if (outcome.kind === 'aborted') return new KeyPoolError('request_aborted', words, { attempts })
  const isLate = outcome.kind === 'timeout' && outcome.phase !== 'connect'
  const what = isLate
    ? 'did not answer in time'
    : outcome.maybeRan === true
      ? 'broke off before its answer was whole'
      : 'could not be reached'
  const tries = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  const advice = isRepeatable(outcome, route)
    ? endedBy === 'retryBudget'
      ? '. So many requests fail that the option retryBudget allows no further call now'
      : ''
    : '. The call may have run, so it was not made again'
  return new KeyPoolError(
    isLate ? 'upstream_timeout' : 'upstream_unreachable',
    `The upstream ${what} after ${tries}: ${words}${advice}`,
    { attempts, ...(outcome.phase === undefined ? {} : { param: optionOf[outcome.phase] }) },
  )
}

/** A client would take the refusal of our key for one of its own; sent again, the request goes out under another. */
export function sentOnceError({ kind }: Outcome, attempts: number): KeyPoolError {
  return new KeyPoolError(
    'upstream_unreachable',
    `The upstream refused the key that was tried (${kind}). A body above the replay limit is sent once only, so no other key was asked: send the request again`,
    { attempts },
  )
}
