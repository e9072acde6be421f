import type { Candidate, Strategy } from './strategy.js'

/** Draws tried before the remaining candidates are walked in order, which ends the search for certain. */
const draws = 16

/** Each ready key with equal chance. */
export function random(chance: () => number): Strategy {
  const candidates: Candidate[] = []
  const positions = new Map<Candidate, number>()

  const at = (index: number): Candidate | undefined => candidates[index % candidates.length]

  return {
    add(candidate) {
      if (positions.has(candidate)) return
      positions.set(candidate, candidates.push(candidate) - 1)
    },
    remove(candidate) {
      const position = positions.get(candidate)
      const last = candidates.pop()
      if (position === undefined || last === undefined) {
        if (last !== undefined) candidates.push(last)
        return
      }
      positions.delete(candidate)
      if (last === candidate) return
      candidates[position] = last
      positions.set(last, position)
    },
    pick(accepts) {
      const { length } = candidates
      if (length === 0) return undefined
      for (let drawn = 0; drawn < Math.min(draws, length); drawn++) {
        const candidate = at(Math.floor(chance() * length))
        if (candidate !== undefined && accepts(candidate)) return candidate
      }
      const start = Math.floor(chance() * length)
      for (let offset = 0; offset < length; offset++) {
        const candidate = at(start + offset)
        if (candidate !== undefined && accepts(candidate)) return candidate
      }
      return undefined
    },
  }
}
