import { OrderedRuns } from './ordered-runs.js'
import type { Strategy } from './strategy.js'

/** The oldest ready key serves everything until it can no longer; then the next oldest. Drains keys one by one. */
export function sequential(): Strategy {
  const ordered = new OrderedRuns()
  return {
    add: (candidate) => ordered.add(candidate),
    remove: (candidate) => ordered.remove(candidate),
    pick: (accepts) => ordered.find(accepts),
    peek: (accepts) => ordered.find(accepts),
  }
}
