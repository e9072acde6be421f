import type { HistoryBlock } from '../history/stored-history.js'
import { isSplit } from '../history/stored-history.js'
import { otherName } from '../history/tallies.js'
import { Tally } from '../history/tally.js'
import type { CheckedPeriod } from './history-query.js'

/** The tallies of one name by step: steps in which it does not occur are undefined. */
export interface NamedSteps {
  readonly name: string
  /** As long as the period has steps. */
  readonly tallies: readonly (Tally | undefined)[]
}

/** The sum of all steps. */
export function sumOf({ tallies }: NamedSteps): Tally {
  const sum = new Tally()
  for (const tally of tallies) if (tally !== undefined) sum.merge(tally)
  return sum
}

/** The name of the sums of all. */
const allName = 'all'

/** Adds blocks up by name and step. The names with the most requests come first, and all beyond the limit are `other`. */
export function nameSteps(
  blocks: readonly HistoryBlock[],
  period: CheckedPeriod,
  limit: number,
): NamedSteps[] {
  const names = new Map<string, Steps>()
  if (!isSplit(period.by)) names.set(allName, new Steps(period.steps))
  for (const { upstream, at, tallies } of blocks) {
    if (period.upstream !== null && upstream !== period.upstream) continue
    const step = Math.floor((at - period.from) / period.stepMs)
    for (const [given, tally] of tallies) {
      const name = isSplit(period.by) ? given : allName
      stepsOf(names, name, period).add(step, tally)
    }
  }
  const ranked = Array.from(names, ([name, steps]) => ({ name, steps, requests: steps.requests }))
  ranked.sort((one, another) => rank(one) - rank(another) || another.requests - one.requests)
  const shown = ranked.filter(({ name }, at) => at < limit || name === otherName)
  const rest = ranked.filter(({ name }, at) => at >= limit && name !== otherName)
  if (rest.length > 0) {
    const other = stepsOf(names, otherName, period)
    for (const { steps } of rest) other.addAll(steps)
    const known = shown.findIndex(({ name }) => name === otherName)
    const whole = { name: otherName, steps: other, requests: other.requests }
    if (known === -1) shown.push(whole)
    else shown[known] = whole
  }
  return shown.map(({ name, steps }) => ({ name, tallies: steps.tallies }))
}

/** `other` is no name, and stands last. */
const rank = ({ name }: { readonly name: string }): number => (name === otherName ? 1 : 0)

function stepsOf(names: Map<string, Steps>, name: string, period: CheckedPeriod): Steps {
  const known = names.get(name)
  if (known !== undefined) return known
  const steps = new Steps(period.steps)
  names.set(name, steps)
  return steps
}

class Steps {
  readonly tallies: (Tally | undefined)[]
  /** Steps whose tally is this object's own; others belong to a block, and must not be changed. */
  #own: Set<number> | null = null

  constructor(count: number) {
    this.tallies = Array.from({ length: count })
  }

  add(step: number, tally: Tally): void {
    const known = this.tallies[step]
    if (known === undefined) {
      if (step >= 0 && step < this.tallies.length) this.tallies[step] = tally
      return
    }
    if (this.#own?.has(step) === true) return known.merge(tally)
    const sum = new Tally()
    sum.merge(known)
    sum.merge(tally)
    this.tallies[step] = sum
    this.#own ??= new Set()
    this.#own.add(step)
  }

  addAll(other: Steps): void {
    other.tallies.forEach((tally, step) => {
      if (tally !== undefined) this.add(step, tally)
    })
  }

  get requests(): number {
    return this.tallies.reduce((sum, tally) => sum + (tally?.requests ?? 0), 0)
  }
}
