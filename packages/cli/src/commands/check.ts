import { writeFile } from 'node:fs/promises'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { fileFailure } from '../input/file-failure.js'
import { type CheckSubject, openSubject } from '../pool/check-subject.js'
import { sayUpstream } from '../pool/say-upstream.js'
import { type CheckResult, checkJson, summaryOf, verdictColumns } from '../render/check-report.js'
import { colorsFor } from '../render/colors.js'
import { count, tally } from '../render/count.js'
import { progressLine } from '../render/progress-line.js'
import { createSpinner } from '../render/spinner.js'
import { renderTable } from '../render/table.js'

type CheckSetting =
  | 'concurrency'
  | 'interval'
  | 'retries'
  | 'timeout'
  | 'failOn'
  | 'format'
  | 'output'
  | 'baseUrl'
  | 'site'
type CheckContext = Context<CheckSetting>

/** Asks the upstream which keys it accepts. What is done when the user interrupts is still printed. */
export async function check(context: CheckContext): Promise<ExitCode> {
  const { settings, terminal } = context
  await using subject = await openSubject(context)
  if (subject.total === 0) {
    throw new CliError('there is no key to check', {
      hint: subject.isStored
        ? 'add one with: sfpool add <key>'
        : 'see what a key file may hold with: sfpool add --help',
    })
  }
  for (const { line, reason } of subject.rejected) context.say(`line ${line} skipped: ${reason}`)
  sayUpstream(context, subject.pool)
  const startedAt = terminal.now()
  const results = await askAll(context, subject)
  const elapsedMs = terminal.now() - startedAt
  await print(context, subject, results)
  const verdicts = tally(results.map(({ verdict }) => verdict))
  context.say(`${count(results.length, 'key')}: ${verdicts} (${(elapsedMs / 1_000).toFixed(1)} s)`)
  const isCut = terminal.stopping.aborted
  const missing = subject.total - results.length
  if (isCut && missing > 0) context.say(`interrupted; ${count(missing, 'key')} not checked`)
  return isCut ? exitCodes.interrupted : exitCodeOf(results, settings.failOn, subject.rejected.length)
}

/**
 * 1 when a key fell short of what was asked or a line held no key at all, else 3 when something could not be found
 * out that had to be.
 */
export function exitCodeOf(
  results: readonly Pick<CheckResult, 'verdict'>[],
  failOn: Settings['failOn'],
  rejectedCount = 0,
): ExitCode {
  const failed = results.filter(({ verdict }) => failOn.includes(verdict))
  if (rejectedCount > 0 || failed.some(({ verdict }) => verdict !== 'unknown')) return exitCodes.shortfall
  return failed.length > 0 ? exitCodes.unverified : exitCodes.ok
}

async function askAll(context: CheckContext, subject: CheckSubject): Promise<CheckResult[]> {
  const { settings, terminal } = context
  const spinner = await createSpinner(terminal, {
    isWanted: !settings.quiet,
    isColored: context.paint.isColorSupported,
  })
  const startedAt = terminal.now()
  const counts = new Map<string, number>()
  const results: [index: number, result: CheckResult][] = []
  try {
    for await (const [index, result] of subject.verdicts(settings)) {
      // Not an answer of the upstream: the question was called off.
      if (terminal.stopping.aborted && result.verdict === 'unknown') continue
      results.push([index, result])
      counts.set(result.verdict, (counts.get(result.verdict) ?? 0) + 1)
      if (isStreamed(settings)) spinner.aside(() => context.print(JSON.stringify(result)))
      const elapsedMs = terminal.now() - startedAt
      spinner.show(progressLine({ done: results.length, total: subject.total, elapsedMs, counts }))
    }
  } finally {
    spinner.stop()
  }
  return results.sort(([one], [other]) => one - other).map(([, result]) => result)
}

/** Lines of JSON go out as they come, unless they go to a file. */
function isStreamed({ format, output }: Pick<Settings, 'format' | 'output'>): boolean {
  return format === 'jsonl' && output === undefined
}

async function print(
  context: CheckContext,
  subject: CheckSubject,
  results: readonly CheckResult[],
): Promise<void> {
  const { settings } = context
  if (isStreamed(settings)) return
  const { output } = settings
  if (output === undefined) {
    for await (const lines of rendered(context, subject, results)) context.print(lines)
    return
  }
  const lines: string[] = []
  for await (const block of rendered(context, subject, results)) lines.push(block)
  try {
    await writeFile(output, lines.map((line) => `${line}\n`).join(''))
  } catch (error) {
    throw new CliError(`cannot write ${output}: ${fileFailure(error)}`, { cause: error })
  }
  context.say(`results are in ${output}`)
}

async function* rendered(
  context: CheckContext,
  { duplicates, rejected }: CheckSubject,
  results: readonly CheckResult[],
): AsyncGenerator<string, void, undefined> {
  const { settings, terminal, paint } = context
  if (settings.format === 'jsonl') for (const result of results) yield JSON.stringify(result)
  else if (settings.format === 'json' || settings.json) {
    const summary = summaryOf(results, { duplicates, rejected: rejected.length })
    yield JSON.stringify(checkJson(summary, results, rejected), null, 2)
  } else if (settings.output === undefined) {
    yield* renderTable(results, verdictColumns(paint), { room: terminal.out.columns(), paint })
  } else {
    const plain = colorsFor({ asked: false, isTTY: false, environment: {} })
    yield* renderTable(results, verdictColumns(plain), { room: undefined, paint: plain })
  }
}
