import { OrderedRuns } from './ordered-runs.js'
import type { Strategy } from './strategy.js'

/** Picks the oldest ready key until it can serve no longer, then the next oldest: keys are used up one by one. */
export function sequential(): Strategy {
  const ordered = new OrderedRuns()
  return {
    add: (candidate) => ordered.add(candidate),
    remove: (candidate) => ordered.remove(candidate),
    pick: (accepts) => ordered.find(accepts),
    peek: (accepts) => ordered.find(accepts),
  }
}
