import type { Outcome } from './outcome.js'

/** What decides whether a request may be sent twice, as a provider's route says it. */
interface Repeatable {
  readonly repeat: 'safe' | 'if-refused'
}

/** Another key can help against everything but the caller's mistake, the model's state and the caller's leaving. */
export function canSwitch(outcome: Outcome, route: Repeatable): boolean {
  if (outcome.kind === 'aborted' || outcome.phase === 'total') return false
  if (outcome.fault === 'caller' || outcome.fault === 'model') return false
  return isRepeatable(outcome, route)
}

/** "Maybe sent" is not "not sent": what may have run is repeated only where twice does no harm. */
export function isRepeatable({ maybeRan }: Outcome, { repeat }: Repeatable): boolean {
  return maybeRan !== true || repeat === 'safe'
}

/** Outcomes that end an attempt without a verdict on its key. */
export function isInconclusive({ fault }: Outcome): boolean {
  return fault === 'overload' || fault === 'network' || fault === 'ip-block'
}

/** Outcomes that blame one key: for the client the pool's own words are better than that answer of the upstream. */
export function blamesKey({ fault }: Outcome): boolean {
  return fault === 'key' || fault === 'disabled' || fault === 'funds' || fault === 'limit'
}

/** Whether the call was refused before it ran, so that it used up nothing of a limit. */
export function didNotRun({ kind, fault, maybeRan }: Outcome): boolean {
  if (kind === 'success' || maybeRan === true) return false
  if (kind === 'aborted') return maybeRan === false
  return (
    fault === 'limit' || fault === 'key' || fault === 'funds' || fault === 'disabled' || fault === 'network'
  )
}
