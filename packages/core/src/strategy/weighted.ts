import { MinHeap } from './min-heap.js'
import type { Candidate, Strategy } from './strategy.js'

interface Share {
  readonly candidate: Candidate
  readonly weight: number
  /** The bill, in units of 1/weight: whoever owes least is next. */
  bill: number
  /** Order of the last turn: among equals, whoever waited longest. */
  turn: number
  isSeated: boolean
}

const isBefore = (one: Share, other: Share): boolean =>
  one.bill !== other.bill ? one.bill < other.bill : one.turn < other.turn

/**
 * Exact shares by weight, as in start-time fair queueing: each turn costs 1/weight, the lowest bill is served next.
 * Whoever joins starts at the bill of those now being served, so nobody gets a catch-up burst; whoever leaves and
 * returns still owes what the last turn cost, so coming and going gains nothing.
 */
export function weighted(): Strategy {
  /** By candidate; those who left stay until the bills of the others have passed theirs. */
  const shares = new Map<Candidate, Share>()
  const queue = new MinHeap<Share>(isBefore)
  let turns = 0
  /** The bill of the latest turn. */
  let now = 0

  const top = (): Share | undefined => {
    for (let share = queue.peek(); share !== undefined; share = queue.peek()) {
      if (share.isSeated) return share
      queue.pop()
      if (shares.get(share.candidate) === share) shares.delete(share.candidate)
    }
    return undefined
  }

  return {
    add(candidate) {
      const { weight } = candidate
      const known = shares.get(candidate)
      if (known?.weight === weight) {
        known.isSeated = true
        return
      }
      const debt = known === undefined ? 0 : (Math.max(0, known.bill - now) * known.weight) / weight
      if (known !== undefined) known.isSeated = false
      const share = { candidate, weight, bill: now + debt, turn: turns++, isSeated: true }
      shares.set(candidate, share)
      queue.push(share)
    },
    remove(candidate) {
      const share = shares.get(candidate)
      if (share !== undefined) share.isSeated = false
    },
    pick(accepts) {
      let passed: Share[] | undefined
      let picked: Candidate | undefined
      for (let share = top(); share !== undefined && picked === undefined; share = top()) {
        now = share.bill
        share.bill += 1 / share.weight
        share.turn = turns++
        if (accepts(share.candidate)) {
          queue.replaceTop(share)
          picked = share.candidate
        } else {
          queue.pop()
          passed ??= []
          passed.push(share)
        }
      }
      if (passed !== undefined) for (const share of passed) queue.push(share)
      return picked
    },
    peek: (accepts) => queue.find(({ isSeated, candidate }) => isSeated && accepts(candidate))?.candidate,
  }
}
