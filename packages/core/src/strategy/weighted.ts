import { growArray } from '../collections/grow-array.js'
import { type Billed, nobody } from './fair-queue/bill-heap.js'
import { FairQueue } from './fair-queue/fair-queue.js'
import type { Candidate, Strategy } from './strategy.js'

/** What is kept of each who has a share, by a number of its own that is given out again. */
class Shares {
  /** By candidate; those who left stay until the bills of the others have passed theirs. */
  readonly #numbers = new Map<Candidate, number>()
  readonly #candidates: (Candidate | undefined)[] = []
  readonly #free: number[] = []
  weights = new Float64Array(0)
  /** 1 for those who are seated. */
  seated = new Int32Array(0)

  of(candidate: Candidate): number {
    return this.#numbers.get(candidate) ?? nobody
  }

  candidateOf(share: number): Candidate {
    return this.#candidates[share] as Candidate
  }

  add(candidate: Candidate): number {
    const share = this.#free.pop() ?? this.#candidates.length
    this.#numbers.set(candidate, share)
    this.#candidates[share] = candidate
    this.weights = growArray(this.weights, share + 1)
    this.seated = growArray(this.seated, share + 1)
    this.weights[share] = candidate.weight
    this.seated[share] = 1
    return share
  }

  forget(share: number): void {
    const candidate = this.candidateOf(share)
    if (this.of(candidate) === share) this.#numbers.delete(candidate)
    this.#candidates[share] = undefined
    this.#free.push(share)
  }
}

/**
 * Exact shares by weight, as in start-time fair queueing: each turn costs 1/weight, the lowest bill is served next.
 * Whoever joins starts at the bill of those now being served, so nobody gets a catch-up burst; whoever leaves and
 * returns still owes what the last turn cost, so coming and going gains nothing.
 */
export function weighted(): Strategy {
  const shares = new Shares()
  /** What each owes, in units of 1/weight: whoever owes least is next. */
  const queue = new FairQueue()
  let turns = 0
  /** The bill of the latest turn. */
  let now = 0

  /** What is left to pay of an earlier share, at today's weight. */
  const debtOf = (share: number, weight: number): number =>
    share === nobody
      ? 0
      : (Math.max(0, queue.billOf(share) - now) * (shares.weights[share] as number)) / weight

  const top = (): number => {
    for (let share = queue.top; share !== nobody; share = queue.top) {
      if (shares.seated[share] === 1) return share
      queue.take()
      queue.leave(share, shares.weights[share] as number)
      shares.forget(share)
    }
    return nobody
  }

  return {
    add(candidate) {
      const { weight } = candidate
      const known = shares.of(candidate)
      if (known !== nobody && shares.weights[known] === weight) {
        shares.seated[known] = 1
        return
      }
      const bill = now + debtOf(known, weight)
      if (known !== nobody) shares.seated[known] = 0
      const share = shares.add(candidate)
      queue.join(share, weight, { bill, turn: turns++ })
    },
    remove(candidate) {
      const share = shares.of(candidate)
      if (share !== nobody) shares.seated[share] = 0
    },
    pick(accepts) {
      let passed: Billed[] | null = null
      for (let share = top(); share !== nobody; share = top()) {
        now = queue.billOf(share)
        const bill = now + 1 / (shares.weights[share] as number)
        const turn = turns++
        queue.take()
        const candidate = shares.candidateOf(share)
        if (accepts(candidate)) {
          // In the order of their bills, as lines must be.
          for (const each of passed ?? []) queue.bill(each.share, each.bill, each.turn)
          queue.bill(share, bill, turn)
          return candidate
        }
        passed ??= []
        passed.push({ share, bill, turn })
      }
      for (const each of passed ?? []) queue.bill(each.share, each.bill, each.turn)
      return undefined
    },
    peek(accepts) {
      const share = queue.find((each) => shares.seated[each] === 1 && accepts(shares.candidateOf(each)))
      return share === nobody ? undefined : shares.candidateOf(share)
    },
  }
}
