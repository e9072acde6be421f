import { writeFileSync } from 'node:fs'
import { conformanceCases } from './cases/conformance-cases.js'
import type { ConformanceCase } from './conformance-case.js'
import { describeExpectation } from './report/describe-expectation.js'
import { toJUnit } from './report/junit.js'
import { renderReports } from './report/render-reports.js'
import { toJson } from './report/to-json.js'
import { totalsOf } from './report/totals.js'
import { type ConformanceReport, runConformance } from './run-conformance.js'
import type { Target } from './target/target.js'

/** Options that choose the cases of a run and the format of its report. */
export interface PresentationOptions {
  /** Only cases whose id contains this pattern; `*` matches anything. Default: all cases. */
  only?: string | undefined
  /** Only list the cases. */
  list?: boolean | undefined
  /** Print JSON instead of a table. */
  json?: boolean | undefined
  /** Also write JUnit XML to this file. */
  junit?: string | undefined
  concurrency?: number | undefined
}

export interface Presentation extends PresentationOptions {
  targets: readonly Target[]
  /** The names of the targets whose cases must not fail. Default: all targets. */
  judged?: readonly string[]
  /** Receives the report. */
  print: (text: string) => void
  /** Receives progress messages. */
  say: (text: string) => void
}

/**
 * Runs the chosen cases against each target in turn and prints the report. Resolves with the exit code: 1 when a case of
 * a judged target failed or none could be run, 2 when no case was chosen.
 */
export async function presentConformance(presentation: Presentation): Promise<0 | 1 | 2> {
  const { targets, only, list, json, junit, concurrency, print, say } = presentation
  const cases = selectCases(only)
  if (cases.length === 0) {
    say(`no case matches "${only}"; --list shows all cases`)
    return 2
  }
  if (list === true) {
    print(json === true ? JSON.stringify(cases, null, 2) : cases.map(listed).join('\n'))
    return 0
  }
  const reports: ConformanceReport[] = []
  for (const target of targets) {
    const onResult = progress(target, cases.length, say)
    const given = { target, cases, onResult, ...(concurrency === undefined ? {} : { concurrency }) }
    reports.push(await runConformance(given))
  }
  const { judged = targets.map(({ name }) => name) } = presentation
  print(json === true ? JSON.stringify(toJson(reports), null, 2) : renderReports(reports, judged))
  if (junit !== undefined) writeFileSync(junit, toJUnit(reports))
  const isGood = reports.every(({ target, results }) => {
    const { passed, failed } = totalsOf(results)
    return !judged.includes(target) || (failed === 0 && passed > 0)
  })
  return isGood ? 0 : 1
}

/** Selects the cases whose id contains the pattern, in which `*` matches anything. */
export function selectCases(pattern = ''): readonly ConformanceCase[] {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const wanted = new RegExp(parts.join('.*'), 'i')
  return conformanceCases.filter(({ id }) => wanted.test(id))
}

function listed(subject: ConformanceCase): string {
  return `${subject.id}\n  ${describeExpectation(subject)}\n  ${subject.why}`
}

const every = 25

function progress(target: Target, all: number, say: (text: string) => void): () => void {
  let done = 0
  return () => {
    done += 1
    if (done % every === 0 || done === all) say(`${target.name}: ${done} of ${all} cases`)
  }
}
