import type { ConformanceReport } from '../run-conformance.js'
import { describeExpectation } from './describe-expectation.js'
import { totalsOf } from './totals.js'

/** Converts the reports to plain data for `JSON.stringify`. */
export function toJson(reports: readonly ConformanceReport[]): unknown {
  return {
    targets: reports.map(({ target, results, durationMs }) => ({
      target,
      ...totalsOf(results),
      durationMs,
      results: results.map(({ case: subject, ...judgement }) => ({
        id: subject.id,
        group: subject.group,
        pool: subject.pool,
        expected: describeExpectation(subject),
        why: subject.why,
        ...judgement,
      })),
    })),
  }
}
