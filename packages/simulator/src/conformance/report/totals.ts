import { type CaseGroup, caseGroups } from '../conformance-case.js'
import type { ConformanceReport, ConformanceResult } from '../run-conformance.js'

export interface Totals {
  passed: number
  failed: number
  skipped: number
}

/** Counts the cases that passed, failed and were skipped. */
export function totalsOf(results: readonly ConformanceResult[]): Totals {
  const count = (wanted: ConformanceResult['verdict']): number =>
    results.filter(({ verdict }) => verdict === wanted).length
  return { passed: count('pass'), failed: count('fail'), skipped: count('skip') }
}

/** Counts the results of each group that has cases, in the order of the groups. */
export function totalsByGroup({ results }: ConformanceReport): ReadonlyMap<CaseGroup, Totals> {
  return new Map(
    caseGroups.flatMap((group): [CaseGroup, Totals][] => {
      const own = results.filter((result) => result.case.group === group)
      return own.length === 0 ? [] : [[group, totalsOf(own)]]
    }),
  )
}
