import { random } from './random.js'
import { roundRobin } from './round-robin.js'
import { sequential } from './sequential.js'
import type { Strategy } from './strategy.js'
import { weighted } from './weighted.js'

export type StrategyName = 'round-robin' | 'random' | 'sequential' | 'weighted'

const strategies: Readonly<Record<StrategyName, (chance: () => number) => Strategy>> = {
  'round-robin': roundRobin,
  random,
  sequential,
  weighted,
}

export const strategyNames: readonly StrategyName[] = Object.keys(strategies) as StrategyName[]

/** A fresh strategy of that name; `chance` answers numbers in [0, 1). */
export function namedStrategy(name: StrategyName, chance: () => number): Strategy {
  return strategies[name](chance)
}
