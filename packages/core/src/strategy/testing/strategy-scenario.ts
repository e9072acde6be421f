import { expect } from 'vitest'
import type { Strategy } from '../strategy.js'
import { acceptAll, candidate, type LiveCandidate, plain } from './candidate.js'

/**
 * Plays a script and returns the ids of the keys served as one word. In the script `+a` adds key a (`+a5` with weight 5), `-a`
 * removes it, `?` picks, `?3` picks three times and `?!ab` picks while a and b are not accepted. Each pick
 * counts as a request of its key.
 */
export function play(strategy: Strategy, script: string): string {
  const known = new Map<string, LiveCandidate>()
  const keyOf = (word: string): LiveCandidate => {
    const [id = '', weight] = [word.slice(0, 1), Number(word.slice(1) || 1)]
    const one = known.get(id) ?? candidate(id)
    known.set(id, one)
    // The record stays the same with another weight, as in the pool.
    Object.assign(one, word.length > 1 ? { weight } : {})
    return one
  }
  const pick = (accepts: (one: { id: string }) => boolean): string => {
    const picked = strategy.pick(accepts, plain) as LiveCandidate | undefined
    if (picked !== undefined) picked.requests++
    return picked?.id ?? '.'
  }
  let served = ''
  for (const step of script.split(/\s+/).filter(Boolean)) {
    const rest = step.slice(1)
    if (step.startsWith('+')) strategy.add(keyOf(rest))
    else if (step.startsWith('-')) strategy.remove(keyOf(rest))
    else if (rest.startsWith('!')) served += pick(({ id }) => !rest.includes(id))
    else for (let done = 0; done < Number(rest || 1); done++) served += pick(acceptAll)
  }
  return served
}

/** A row of a scenario table: a script, and the keys that each strategy picks. */
export interface Scenario {
  readonly name: string
  readonly script: string
  readonly served: Readonly<Record<string, string>>
}

export function expectServed(strategy: Strategy, { script, served }: Scenario, name: string): void {
  expect(play(strategy, script)).toBe(served[name])
}
