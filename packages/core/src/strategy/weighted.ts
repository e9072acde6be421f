import { MinHeap } from './min-heap.js'
import type { Candidate, Strategy } from './strategy.js'

interface Share {
  readonly candidate: Candidate
  /** Service received, in units of 1/weight: the one who received least is next. */
  progress: number
  /** Order of the last turn: among equals, whoever waited longest. */
  turn: number
  isGone: boolean
}

const isBefore = (one: Share, other: Share): boolean =>
  one.progress !== other.progress ? one.progress < other.progress : one.turn < other.turn

/**
 * Exact shares by weight, as in start-time fair queueing: each turn costs 1/weight, the lowest bill is served next.
 * Whoever joins or returns starts at the bill of those now being served, so nobody gets a catch-up burst.
 */
export function weighted(): Strategy {
  const shares = new Map<Candidate, Share>()
  const queue = new MinHeap<Share>(isBefore)
  let turns = 0
  /** The bill of the latest turn. */
  let now = 0

  /** Drops shares whose key left; they stay in the heap until they surface. */
  const top = (): Share | undefined => {
    let share = queue.peek()
    while (share?.isGone) {
      queue.pop()
      share = queue.peek()
    }
    return share
  }

  return {
    add(candidate) {
      if (shares.has(candidate)) return
      const share = { candidate, progress: now, turn: turns++, isGone: false }
      shares.set(candidate, share)
      queue.push(share)
    },
    remove(candidate) {
      const share = shares.get(candidate)
      if (share === undefined) return
      share.isGone = true
      shares.delete(candidate)
    },
    pick(accepts) {
      const passed: Share[] = []
      let picked: Candidate | undefined
      for (let share = top(); share !== undefined; share = top()) {
        now = share.progress
        share.progress += 1 / share.candidate.weight
        share.turn = turns++
        if (accepts(share.candidate)) {
          queue.replaceTop(share)
          picked = share.candidate
          break
        }
        queue.pop()
        passed.push(share)
      }
      for (const share of passed) queue.push(share)
      return picked
    },
  }
}
