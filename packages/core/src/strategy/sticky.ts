import { Loads } from './loads.js'
import { betterOfTwo } from './sampling/better-of-two.js'
import { ShuffleBag } from './sampling/shuffle-bag.js'
import { type SessionBinding, Sessions } from './sessions.js'
import type { Candidate, Strategy } from './strategy.js'

export interface StickyOptions {
  /** A session that was not used for so many milliseconds is forgotten. @default 1_800_000, half an hour */
  readonly idleMs?: number
  /** Sessions remembered: those used last. @default 50_000 */
  readonly maxSessions?: number
  /**
   * How many times the average load a key may carry before a session's requests go elsewhere, rounded up to whole
   * attempts: with 1.5, and less than two attempts running for three keys, each may carry one. Raise it where a full
   * cache is worth more than an even load. @default 1.5
   */
  readonly maxLoad?: number
}

/**
 * Whoever served the session before, because the upstream may still have the conversation in its cache, as long as its
 * load stays within bounds. When it may not or should not serve, a substitute does; the session moves there for good
 * once that went well. A new session goes to the less loaded of two keys drawn by chance, and so does a request that
 * belongs to none.
 */
export function sticky(
  chance: () => number,
  { idleMs = 1_800_000, maxSessions = 50_000, maxLoad = 1.5 }: StickyOptions = {},
): Strategy {
  const bag = new ShuffleBag(chance)
  const loads = new Loads()
  const sessions = new Sessions({ idleMs, maxSessions })

  const choose = (accepts: Accepts, bond: SessionBinding | undefined): Candidate | undefined => {
    const bound = Math.ceil(maxLoad * loads.nextMean)
    const isCrowded = ({ inFlight }: Candidate): boolean => inFlight + 1 > bound
    const refused: Candidate[] = []
    for (const familiar of bond === undefined ? [] : [bond.home, bond.substitute]) {
      if (familiar === undefined || !bag.has(familiar) || isCrowded(familiar)) continue
      if (accepts(familiar)) return familiar
      refused.push(familiar)
    }
    return lessLoaded(bag, isCrowded, (candidate) => !refused.includes(candidate) && accepts(candidate))
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
      const bond = sessions.find(session, now)
      const chosen = choose(accepts, bond)
      if (chosen === undefined) return undefined
      loads.see(chosen, chosen.inFlight + 1)
      if (bond !== undefined) sessions.served(bond, chosen, now)
      else if (session !== null) sessions.bind(session, chosen, now)
      return chosen
    },
    peek: (accepts, { session, now }) => bag.ahead(() => choose(accepts, sessions.find(session, now))),
    ended(candidate, { session, kind, now }) {
      loads.see(candidate, candidate.inFlight)
      const bond = sessions.find(session, now)
      if (bond !== undefined) sessions.ended(bond, candidate, kind === 'success')
    },
  }
}

type Accepts = (candidate: Candidate) => boolean

/** How many crowded keys are looked past for one that is not. */
const looks = 32

const runningOn = ({ inFlight }: Candidate): number => inFlight

/** The less loaded of two, and a crowded one only when there is nobody else. */
function lessLoaded(bag: ShuffleBag, isCrowded: Accepts, accepts: Accepts): Candidate | undefined {
  const crowded: Candidate[] = []
  const found = betterOfTwo(bag, runningOn, (candidate) => {
    if (crowded.length === looks || !isCrowded(candidate)) return accepts(candidate)
    crowded.push(candidate)
    return false
  })
  return found ?? crowded.sort((one, other) => one.inFlight - other.inFlight).find(accepts)
}
