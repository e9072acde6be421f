import type { ConformanceReport, ConformanceResult } from '../run-conformance.js'
import { describeExpectation } from './describe-expectation.js'
import { type Totals, totalsByGroup, totalsOf } from './totals.js'

const widest = 56

/**
 * Renders the reports as text: a table of cases and targets, the failures, and totals by group. Failures of the targets
 * in `judged` are shown in full. Default: all targets.
 */
export function renderReports(
  reports: readonly ConformanceReport[],
  judged: readonly string[] = reports.map(({ target }) => target),
): string {
  const [first] = reports
  if (first === undefined) return ''
  const names = reports.map(({ target }) => target)
  const rows = first.results.map((result, at) => [
    result.case.id,
    clip(describeExpectation(result.case)),
    ...reports.map(({ results }) => cell(results[at])),
  ])
  const parts = [grid([['case', 'expected', ...names], ...rows])]
  for (const report of reports) parts.push(...failures(report, judged.includes(report.target)))
  parts.push(grid(totalRows(reports)))
  return parts.join('\n\n')
}

function cell(result: ConformanceResult | undefined): string {
  if (result === undefined) return ''
  return clip(`${marks[result.verdict]}  ${result.seen}`)
}

const marks: Readonly<Record<ConformanceResult['verdict'], string>> = {
  pass: 'pass',
  fail: 'FAIL',
  skip: 'skip',
}

function failures({ target, results }: ConformanceReport, isInFull: boolean): string[] {
  const failed = results.filter(({ verdict }) => verdict === 'fail')
  if (failed.length === 0) return []
  const lines = failed.flatMap(isInFull ? inFull : inShort)
  return [[`${target} fails ${failed.length}:`, ...lines].join('\n')]
}

function inShort({ case: subject, problems }: ConformanceResult): string[] {
  return [`${subject.id}: ${problems.join('; ')}`]
}

function inFull({ case: subject, seen, problems }: ConformanceResult): string[] {
  return [
    subject.id,
    `  expected  ${describeExpectation(subject)}`,
    `  seen      ${seen}`,
    ...problems.map((problem) => `  problem   ${problem}`),
    `  why       ${subject.why}`,
  ]
}

function totalRows(reports: readonly ConformanceReport[]): string[][] {
  const byGroup = reports.map(totalsByGroup)
  const groups = [...new Set(byGroup.flatMap((totals) => [...totals.keys()]))]
  return [
    ['group', ...reports.map(({ target }) => target)],
    ...groups.map((group) => [group, ...byGroup.map((totals) => share(totals.get(group)))]),
    ['all', ...reports.map(({ results }) => share(totalsOf(results)))],
    ['seconds', ...reports.map(({ durationMs }) => (durationMs / 1000).toFixed(1))],
  ]
}

function share(totals: Totals | undefined): string {
  if (totals === undefined) return ''
  const { passed, failed, skipped } = totals
  return `${passed}/${passed + failed}${skipped === 0 ? '' : ` (${skipped} skipped)`}`
}

function clip(text: string): string {
  return text.length <= widest ? text : `${text.slice(0, widest - 1)}…`
}

function grid(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
