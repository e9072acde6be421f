import type { CheckOptions } from '@sfpool/core'
import type { MinBalance } from '../config/settings.js'
import { count, listCounts } from '../render/count.js'
import { progressLine } from '../render/progress-line.js'
import { createSpinner, type Spinner } from '../render/spinner.js'
import { cutToWidth, wrap } from '../render/wrap.js'
import { type CheckContext, formatOf, probeOf } from './check-context.js'
import { CheckCounters } from './check-counters.js'
import type { CheckReport } from './check-report.js'
import type { CheckResult } from './check-result.js'
import type { CheckSubject } from './check-subject.js'
import { NextSteps } from './format/next-steps.js'
import { markLowBalance } from './min-balance.js'
import { chatModelOf, sayKeyless } from './say-plan.js'

/** How often progress is printed where no spinner is visible. */
const progressEveryMs = 10_000

interface CheckRunParts {
  readonly context: CheckContext
  readonly subject: CheckSubject
  readonly report: CheckReport
}

/** Runs a check over the keys: passes results to the report, counts them and shows progress. */
export class CheckRun {
  readonly counters: CheckCounters = new CheckCounters()
  readonly #parts: CheckRunParts
  readonly #steps = new NextSteps()
  /** The good keys themselves, where they are to be exported. */
  readonly goodKeys: string[] = []
  readonly #startedAt: number
  #done = 0
  #progressAt: number

  constructor(parts: CheckRunParts) {
    this.#parts = parts
    this.#startedAt = parts.context.terminal.now()
    this.#progressAt = this.#startedAt
  }

  /** Checks every key, until all are checked or the user interrupts. */
  async ask(options: Omit<CheckOptions, 'keys'>): Promise<void> {
    const { context, subject, report } = this.#parts
    const { settings, terminal } = context
    const spinner = await createSpinner(terminal, {
      isWanted: !settings.quiet,
      isColored: context.paint.isColorSupported,
    })
    try {
      await report.begin()
      for await (const [index, found, secret] of subject.results(options)) {
        const result = markLowBalance(found, settings.minBalance)
        this.counters.add(result)
        this.#steps.add(result)
        this.#done++
        if (isGood(result) && settings.exportGood !== undefined) this.goodKeys.push(secret)
        if (isPrinted(result, settings.only)) {
          if (report.isStreamed) await spinner.aside(() => report.add(result, index))
          else await report.add(result, index)
        }
        this.#reportProgress(spinner)
      }
    } catch (error) {
      if (!terminal.stopping.aborted) throw error
    } finally {
      spinner.stop()
    }
    for (const [verdict, times] of subject.sourceStats.earlier)
      for (let each = 0; each < times; each++) this.counters.addEarlier(verdict)
  }

  /** Ends the report and prints the summary. */
  async end(): Promise<void> {
    const { context, subject, report } = this.#parts
    const { settings, terminal, say } = context
    const { sourceStats } = subject
    const elapsedMs = terminal.now() - this.#startedAt
    const summaryText = this.#summaryText()
    if (subject.total === null) sayKeyless(context, sourceStats)
    const summary = this.counters.summary(sourceStats)
    await report.end({ summary, sourceStats, summaryText, elapsedMs })
    if (formatOf(settings) === 'table') this.#saySteps()
    say(wrap(`${summaryText} (${(elapsedMs / 1_000).toFixed(1)} s)`, terminal.err.columns()))
    this.#sayRemarks()
    if (terminal.stopping.aborted) {
      const missing = subject.total === null ? null : subject.total - this.#done
      say(missing === null ? 'interrupted' : `interrupted; ${count(missing, 'key')} not checked`)
    }
  }

  #saySteps(): void {
    const { say, terminal, paintErr } = this.#parts.context
    const steps = this.#steps.lines(paintErr, terminal.err.columns())
    if (steps.length === 0) return
    // In a terminal a blank line separates the advice from the table.
    const margin = terminal.err.isTTY ? [''] : []
    for (const line of [...margin, ...steps, ...margin]) say(line)
  }

  #summaryText(): string {
    const { sourceStats } = this.#parts.subject
    const extras = [
      ...(sourceStats.duplicates > 0 ? [`${count(sourceStats.duplicates, 'duplicate')} counted once`] : []),
      ...(sourceStats.rejected > 0 ? [`${count(sourceStats.rejected, 'line')} without a key`] : []),
    ]
    const counted = `${count(this.counters.total, 'key')}: ${listCounts(this.counters.counts)}`
    return [counted, ...extras].join('; ')
  }

  #sayRemarks(): void {
    const { context, subject } = this.#parts
    const { settings, say } = context
    const { minBalance } = settings
    const bought = this.counters.counts.get('valid') ?? 0
    if (probeOf(settings) === 'chat' && bought > this.counters.resumed)
      say(`${count(bought - this.#earlierValid(), 'token')} of ${chatModelOf(context, subject.pool)} bought`)
    if (minBalance === undefined) return
    if (this.counters.low > 0)
      say(`${count(this.counters.low, 'valid key')} below ${minBalanceText(minBalance)}`)
    if (this.counters.unproven > 0)
      say(
        `the balance of ${count(this.counters.unproven, 'valid key')} is unknown, so the minimum is not proven`,
      )
  }

  #earlierValid(): number {
    return this.#parts.subject.sourceStats.earlier.get('valid') ?? 0
  }

  #reportProgress(spinner: Spinner): void {
    const { context, subject } = this.#parts
    const now = context.terminal.now()
    const line = () =>
      progressLine({
        done: this.#done,
        total: subject.total,
        elapsedMs: now - this.#startedAt,
        counts: this.counters.counts,
      })
    // The spinner itself takes two columns; a line that wraps could not be erased.
    const maxWidth = context.terminal.err.columns()
    if (spinner.isVisible)
      spinner.show(() => cutToWidth(line(), maxWidth === undefined ? maxWidth : maxWidth - 3))
    else if (now - this.#progressAt >= progressEveryMs && this.#done !== subject.total) {
      this.#progressAt = now
      context.say(line())
    }
  }
}

/** Whether a key may serve as it is. */
const isGood = ({ verdict, low }: CheckResult): boolean => verdict === 'valid' && low !== true

const isPrinted = (result: CheckResult, only: 'good' | 'bad' | undefined): boolean =>
  only === undefined || isGood(result) === (only === 'good')

const minBalanceText = (least: MinBalance): string =>
  typeof least === 'string'
    ? least
    : Object.entries(least)
        .map(([currency, amount]) => `${amount} ${currency}`)
        .join(' or ')
