import type { Candidate, Strategy } from './strategy.js'

/** Each key that may serve with equal chance, however many are passed over. */
export function random(chance: () => number): Strategy {
  const candidates: Candidate[] = []
  const positions = new Map<Candidate, number>()

  const put = (candidate: Candidate, position: number): void => {
    candidates[position] = candidate
    positions.set(candidate, position)
  }

  return {
    add(candidate) {
      if (!positions.has(candidate)) put(candidate, candidates.length)
    },
    remove(candidate) {
      const position = positions.get(candidate)
      if (position === undefined) return
      positions.delete(candidate)
      const last = candidates.pop()
      if (last !== undefined && last !== candidate) put(last, position)
    },
    pick(accepts) {
      // A shuffle as far as needed: whoever is passed over goes behind those not yet drawn, so nobody is drawn twice.
      for (let left = candidates.length; left > 0; left--) {
        const drawn = Math.floor(chance() * left)
        const candidate = candidates[drawn]
        const last = candidates[left - 1]
        if (candidate === undefined || last === undefined) return undefined
        if (accepts(candidate)) return candidate
        put(last, drawn)
        put(candidate, left - 1)
      }
      return undefined
    },
  }
}
