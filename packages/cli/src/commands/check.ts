import { resolve } from 'node:path'
import type { CheckOptions } from '@sfpool/core'
import { type CheckContext, type CheckSetting, formatOf, probeOf } from '../check/check-context.js'
import { createReport } from '../check/check-report.js'
import { CheckRun } from '../check/check-run.js'
import { type CheckSubject, openSubject, pathIn } from '../check/check-subject.js'
import {
  type EarlierResults,
  endsWithNewline,
  noEarlierResults,
  readEarlierResults,
} from '../check/earlier-results.js'
import { fileWriter, type LineWriter, outputWriter } from '../check/line-writer.js'
import { sayKeyless, sayPlan } from '../check/say-plan.js'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { isSameFile } from '../input/same-file.js'
import { writePrivateText } from '../input/write-private-text.js'
import { count } from '../render/count.js'

/** Asks the upstream which keys are good. When the user interrupts, the results so far are printed. */
export async function check(context: CheckContext): Promise<ExitCode> {
  const { settings, terminal } = context
  await guardInput(context)
  const earlier = await earlierResults(context)
  await using subject = await openSubject(context, earlier)
  if (subject.total === 0 && subject.sourceStats.earlier.size === 0) throw noKeys(context, subject)
  sayPlan(context, subject)
  const isContinued = await isContinuing(settings)
  const writer = await openWriter(context, isContinued)
  const report = createReport(formatOf(settings), { context, writer, name: subject.name, isContinued })
  const run = new CheckRun({ context, subject, report })
  try {
    await run.ask(checkOptions(settings, terminal.stopping))
    if (run.counters.total === 0 && !terminal.stopping.aborted) throw noKeys(context, subject)
    await run.end()
  } finally {
    await writer.close()
  }
  if (settings.output !== undefined) context.say(`the results are in ${settings.output}`)
  if (settings.exportGood !== undefined) {
    const lines = run.goodKeys.map((key) => `${key}\n`).join('')
    await writePrivateText(settings.exportGood, lines)
    context.say(`${count(run.goodKeys.length, 'good key')} in ${settings.exportGood}`)
  }
  if (terminal.stopping.aborted) return exitCodes.interrupted
  return run.counters.exitCode({
    failOn: settings.failOn,
    rejected: subject.sourceStats.rejected,
    hasMinimum: settings.minBalance !== undefined,
  })
}

function checkOptions(
  settings: Pick<Settings, CheckSetting>,
  signal: AbortSignal,
): Omit<CheckOptions, 'keys'> {
  const { concurrency, interval, retries, retryPause, timeout, deadline, probeModel } = settings
  return {
    concurrency,
    intervalMs: [interval.minMs, interval.maxMs],
    retries,
    retryPauseMs: retryPause,
    timeoutMs: timeout,
    deadlineMs: deadline,
    probe: probeOf(settings),
    ...(probeModel === undefined ? {} : { model: probeModel }),
    signal,
  }
}

async function earlierResults({ settings, say }: CheckContext): Promise<EarlierResults> {
  if (settings.resume === undefined) return noEarlierResults
  const earlier = await readEarlierResults(settings.resume)
  if (earlier.unreadable > 0)
    say(`${count(earlier.unreadable, 'line')} of ${settings.resume} skipped: not a result`)
  return earlier
}

/** Refuses an output file that is the key file itself, which would be overwritten. */
async function guardInput(context: CheckContext): Promise<void> {
  const path = await pathIn(context)
  if (path === undefined || path === '-') return
  const { output, exportGood } = context.settings
  for (const [flag, written] of [
    ['--output', output],
    ['--export-good', exportGood],
  ] as const) {
    if (written === undefined || written === '-') continue
    if (await isSameFile(resolve(context.terminal.directory, path), written))
      throw new CliError(`${flag} names the key file itself, which would be overwritten`, {
        hint: 'Name another file',
      })
  }
}

const isContinuing = async ({ resume, output }: CheckContext['settings']): Promise<boolean> =>
  resume !== undefined && output !== undefined && (await isSameFile(resume, output))

async function openWriter(context: CheckContext, isContinued: boolean): Promise<LineWriter> {
  const { output } = context.settings
  if (output === undefined || output === '-') return outputWriter(context)
  if (!isContinued) return fileWriter(output, null)
  const format = formatOf(context.settings)
  if (format !== 'jsonl')
    throw new CliError(`--output and --resume name the same file, which --format ${format} would overwrite`, {
      hint: 'Use --format jsonl to append to it, or another --output',
    })
  return fileWriter(output, (await endsWithNewline(output)) ? 'whole lines' : 'half a line')
}

function noKeys(context: CheckContext, { name, sourceStats }: CheckSubject): CliError {
  sayKeyless(context, sourceStats)
  const hint =
    name === null ? 'Add one with: sfpool add <key>' : 'See the format of key files with: sfpool add --help'
  const found = sourceStats.rejected > 0 ? `; ${count(sourceStats.rejected, 'line')} without a key` : ''
  return new CliError(`there is no key to check${found}`, { hint })
}
