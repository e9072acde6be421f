import { Loads } from './loads.js'
import { betterOfTwo } from './sampling/better-of-two.js'
import { ShuffleBag } from './sampling/shuffle-bag.js'
import { type SessionBinding, Sessions } from './sessions.js'
import type { Candidate, Strategy } from './strategy.js'

export interface StickyOptions {
  /** Milliseconds without a request after which a session is forgotten. @default 1_800_000, half an hour */
  readonly idleMs?: number
  /** How many sessions are remembered: those used last. @default 50_000 */
  readonly maxSessions?: number
  /**
   * How many times the average load a key may carry before a session's requests go elsewhere, rounded up to whole
   * attempts: with 1.5, and less than two attempts running for three keys, each may carry one. Raise it where a full
   * cache is worth more than an even load. @default 1.5
   */
  readonly maxLoad?: number
}

/**
 * Picks the key that served the session before, because the upstream may still have the conversation in its cache. When
 * that key may not serve or is overloaded, a fallback serves, and the session moves there after a success. A new session,
 * and a request without one, goes to the less loaded of two random keys.
 */
export function sticky(
  chance: () => number,
  { idleMs = 1_800_000, maxSessions = 50_000, maxLoad = 1.5 }: StickyOptions = {},
): Strategy {
  const bag = new ShuffleBag(chance)
  const loads = new Loads()
  const sessions = new Sessions({ idleMs, maxSessions })

  const choose = (accepts: Accepts, binding: SessionBinding | undefined): Candidate | undefined => {
    const limit = Math.ceil(maxLoad * loads.nextMean)
    const isOverloaded = ({ inFlight }: Candidate): boolean => inFlight + 1 > limit
    const refused: Candidate[] = []
    for (const known of binding === undefined ? [] : [binding.key, binding.fallback]) {
      if (known === undefined || !bag.has(known) || isOverloaded(known)) continue
      if (accepts(known)) return known
      refused.push(known)
    }
    return lessLoaded(bag, isOverloaded, (candidate) => !refused.includes(candidate) && accepts(candidate))
  }

  return {
    usesSession: true,
    add(candidate) {
      bag.add(candidate)
      loads.add(candidate)
    },
    remove(candidate) {
      bag.remove(candidate)
      loads.remove(candidate)
    },
    pick(accepts, { session, now }) {
      const binding = sessions.find(session, now)
      const chosen = choose(accepts, binding)
      if (chosen === undefined) return undefined
      loads.see(chosen, chosen.inFlight + 1)
      if (binding !== undefined) sessions.served(binding, chosen, now)
      else if (session !== null) sessions.bind(session, chosen, now)
      return chosen
    },
    peek: (accepts, { session, now }) => bag.preview(() => choose(accepts, sessions.find(session, now))),
    ended(candidate, { session, kind, now }) {
      loads.see(candidate, candidate.inFlight)
      const binding = sessions.find(session, now)
      if (binding !== undefined) sessions.ended(binding, candidate, kind === 'success')
    },
  }
}

type Accepts = (candidate: Candidate) => boolean

/** How many overloaded keys are skipped in search of one that is not. */
const maxSkipped = 32

const runningOn = ({ inFlight }: Candidate): number => inFlight

/** The less loaded of two random keys; an overloaded one only when no other key is accepted. */
function lessLoaded(bag: ShuffleBag, isOverloaded: Accepts, accepts: Accepts): Candidate | undefined {
  const overloaded: Candidate[] = []
  const found = betterOfTwo(bag, runningOn, (candidate) => {
    if (overloaded.length === maxSkipped || !isOverloaded(candidate)) return accepts(candidate)
    overloaded.push(candidate)
    return false
  })
  return found ?? overloaded.sort((one, other) => one.inFlight - other.inFlight).find(accepts)
}
