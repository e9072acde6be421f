import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { colorsFor } from '../render/colors.js'
import { renderTable } from '../render/table.js'
import type { CheckSummary } from './check-counters.js'
import type { CheckResult } from './check-result.js'
import { checkColumns } from './format/check-table.js'
import { csvHeading, csvLine } from './format/csv.js'
import { annotation, noticeOf, rejectedAnnotation } from './format/github.js'
import { junitReport } from './format/junit.js'
import type { KeylessLine, SourceStats } from './key-source.js'
import type { LineWriter } from './line-writer.js'

/** What a report needs when the check has ended. */
export interface CheckEnd {
  readonly summary: CheckSummary
  readonly sourceStats: SourceStats
  /** `7 keys: 5 valid, 2 invalid`. */
  readonly summaryText: string
  readonly elapsedMs: number
}

/** Writes the results of a check in one format. */
export interface CheckReport {
  /** Whether lines are written with each result, not only at the end. */
  readonly isStreamed: boolean
  begin(): Promise<void>
  /** Adds a result. `index` is the position of its key among all keys. */
  add(result: CheckResult, index: number): Promise<void>
  end(end: CheckEnd): Promise<void>
}

type ReportContext = Context<'failOn' | 'output'>

interface ReportParts {
  readonly context: ReportContext
  readonly writer: LineWriter
  /** The name of the checked file, as the user wrote it; null for the store. */
  readonly name: string | null
  /** Whether the results are appended to those of an earlier run. */
  readonly isContinued: boolean
}

/** The shape of `check --json`. */
export interface CheckJson {
  readonly summary: CheckSummary
  readonly results: readonly CheckResult[]
  readonly rejected: readonly KeylessLine[]
}

/**
 * Creates the report of a format. Streamed formats write each result at once and keep none; a table, JSON and JUnit
 * need all results before their first line.
 */
export function createReport(format: Settings['format'], parts: ReportParts): CheckReport {
  switch (format) {
    case 'jsonl':
      return streamed(parts, { line: (result) => JSON.stringify(result) })
    case 'csv':
      return streamed(parts, { line: csvLine, heading: csvHeading })
    case 'github':
      return annotated(parts)
    case 'json':
      return buffered(async function* (results, { summary, sourceStats }) {
        const json: CheckJson = { summary, results, rejected: sourceStats.listed }
        yield JSON.stringify(json, null, 2)
      }, parts)
    case 'junit':
      return buffered(async function* (results, { sourceStats, elapsedMs }) {
        const { failOn } = parts.context.settings
        yield junitReport({ name: parts.name, results, rejected: sourceStats.listed, failOn, elapsedMs })
      }, parts)
    case 'table':
      return buffered((results) => tableOf(results, parts.context), parts)
  }
}

function streamed(
  { writer, isContinued }: ReportParts,
  { line, heading }: { line: (result: CheckResult) => string; heading?: string },
): CheckReport {
  return {
    isStreamed: true,
    begin: async () => {
      if (heading !== undefined && !isContinued) await writer.write(heading)
    },
    add: (result) => writer.write(line(result)),
    end: async () => {},
  }
}

function annotated({ writer, name, context }: ReportParts): CheckReport {
  const { failOn } = context.settings
  return {
    isStreamed: true,
    begin: async () => {},
    async add(result) {
      const line = annotation(result, { name, failOn })
      if (line !== undefined) await writer.write(line)
    },
    async end({ sourceStats, summaryText }) {
      for (const line of sourceStats.listed) await writer.write(rejectedAnnotation(line, name))
      await writer.write(noticeOf(summaryText))
    },
  }
}

type Render = (results: readonly CheckResult[], end: CheckEnd) => AsyncGenerator<string, void, undefined>

function buffered(render: Render, { writer }: ReportParts): CheckReport {
  const results: [index: number, result: CheckResult][] = []
  return {
    isStreamed: false,
    begin: async () => {},
    add: async (result, index) => void results.push([index, result]),
    async end(end) {
      const inOrder = results.sort(([one], [other]) => one - other).map(([, result]) => result)
      for await (const lines of render(inOrder, end)) await writer.write(lines)
    },
  }
}

function tableOf(
  results: readonly CheckResult[],
  { settings, terminal, paint }: ReportContext,
): AsyncGenerator<string, void, undefined> {
  if (settings.output === undefined)
    return renderTable(results, checkColumns(paint), { maxWidth: terminal.out.columns(), paint })
  const plain = colorsFor({ asked: false, isTTY: false, environment: {} })
  return renderTable(results, checkColumns(plain), { maxWidth: undefined, paint: plain })
}
