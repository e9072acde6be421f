import type { Candidate, Strategy } from './strategy.js'

/** The oldest ready key serves everything until it can no longer; then the next oldest. Drains keys one by one. */
export function sequential(): Strategy {
  const ordered: Candidate[] = []

  /** Where the candidate stands, or would have to stand. */
  const search = (candidate: Candidate): number => {
    let low = 0
    let high = ordered.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = ordered[middle]
      if (other !== undefined && other.order < candidate.order) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    add(candidate) {
      const position = search(candidate)
      if (ordered[position] !== candidate) ordered.splice(position, 0, candidate)
    },
    remove(candidate) {
      const position = search(candidate)
      if (ordered[position] === candidate) ordered.splice(position, 1)
    },
    pick: (accepts) => ordered.find(accepts),
  }
}
