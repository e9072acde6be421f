import type { Candidate, Strategy } from '../strategy.js'
import { SampledRanking } from './sampled-ranking.js'
import type { Entry, Scoring } from './scoring.js'

/**
 * Builds a strategy that picks the key with the lowest cost: of all keys in pools of up to `exactSize`, of a random sample
 * of `sampleSize` in larger ones. Equal keys take turns.
 */
export function scored(chance: () => number, scoring: Scoring): Strategy {
  const ranking = new SampledRanking(chance, scoring.writeCosts)
  const entries = new WeakMap<Candidate, Entry>()
  let sequence = 0

  return {
    add(candidate) {
      const known = entries.get(candidate)
      if (known !== undefined && ranking.has(known)) return
      const entry = known ?? createEntry(candidate)
      entries.set(candidate, entry)
      entry.lastTurn = sequence++
      scoring.joined?.(entry, known === undefined)
      ranking.add(entry)
    },
    remove(candidate) {
      const entry = entries.get(candidate)
      if (entry !== undefined) ranking.remove(entry)
    },
    pick(accepts, { now }) {
      const served = ranking.find((entry) => {
        // A refused key has had its turn too.
        entry.lastTurn = sequence++
        if (accepts(entry.candidate)) return true
        scoring.passed?.(entry)
        return false
      }, now)
      ranking.advance()
      if (served !== undefined) scoring.served?.(served, now)
      return served?.candidate
    },
    peek(accepts, { now }) {
      return ranking.preview(() => ranking.find(({ candidate }) => accepts(candidate), now))?.candidate
    },
  }
}

const createEntry = (candidate: Candidate): Entry => ({
  candidate,
  lastTurn: 0,
  catchUpOffset: 0,
  offsetAt: 0,
  isHeldToWatermark: false,
})
