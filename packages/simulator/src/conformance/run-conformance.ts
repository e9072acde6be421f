import { setUpCase } from './case-setup.js'
import { conformanceCases } from './cases/conformance-cases.js'
import type { ConformanceCase } from './conformance-case.js'
import { type Judgement, judge } from './judge.js'
import { observeCase } from './observe-case.js'
import { NotApplicableError, type Target } from './target/target.js'

export interface ConformanceResult extends Judgement {
  readonly case: ConformanceCase
  readonly durationMs: number
}

export interface ConformanceReport {
  readonly target: string
  /** The results, in the order of the cases. */
  readonly results: readonly ConformanceResult[]
  readonly durationMs: number
}

export interface ConformanceOptions {
  target: Target
  /** The cases to run. @default `conformanceCases` */
  cases?: readonly ConformanceCase[]
  /** The number of cases at the same time. Cases that measure time run alone. @default 4 */
  concurrency?: number
  /** How long a client waits for the end of an answer, in milliseconds. @default 6000 */
  patienceMs?: number
  /** Called with each result as soon as its case ends. */
  onResult?: (result: ConformanceResult) => void
}

const defaultConcurrency = 4
const defaultPatienceMs = 6000

/** Runs the cases against a target. Never rejects because of the target's behaviour. */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceReport> {
  const { target, cases = conformanceCases, concurrency = defaultConcurrency, onResult } = options
  const { patienceMs = defaultPatienceMs } = options
  const startedAt = Date.now()
  // A gateway that outlives the run remembers keys and models, so every run uses its own.
  const firstNumber = (Math.floor(startedAt / 1000) % 100_000) * 1000
  const results = new Map<ConformanceCase, ConformanceResult>()
  const runOne = async (subject: ConformanceCase): Promise<void> => {
    const number = firstNumber + cases.indexOf(subject)
    const result = await runCase({ subject, target, number, patienceMs })
    results.set(subject, result)
    onResult?.(result)
  }
  // A fixed port takes one simulator at a time.
  const width = target.upstreamPort === undefined ? concurrency : 1
  const untimed = cases.filter((subject) => !isTimed(subject))
  try {
    await runAll(untimed, width, runOne)
    await runAll(cases.filter(isTimed), 1, runOne)
  } finally {
    await target.close?.()
  }
  return {
    target: target.name,
    results: cases.flatMap((subject) => results.get(subject) ?? []),
    durationMs: Date.now() - startedAt,
  }
}

function isTimed({ client = 'stays' }: ConformanceCase): boolean {
  return client !== 'stays'
}

async function runAll(
  cases: readonly ConformanceCase[],
  width: number,
  runOne: (subject: ConformanceCase) => Promise<void>,
): Promise<void> {
  const waiting = cases.values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const subject of waiting) await runOne(subject)
    }),
  )
}

interface Run {
  subject: ConformanceCase
  target: Target
  /** A number that is unique to the case. */
  number: number
  patienceMs: number
}

async function runCase(run: Run): Promise<ConformanceResult> {
  const startedAt = Date.now()
  const judgement = await judgeCase(run)
  return { case: run.subject, ...judgement, durationMs: Date.now() - startedAt }
}

async function judgeCase({ subject, target, number, patienceMs }: Run): Promise<Judgement> {
  const { poolSize } = target
  if (poolSize !== undefined && poolSize !== subject.pool.keys)
    return skipped(`the target has a pool of ${poolSize}, not of ${subject.pool.keys}`)
  try {
    const setup = await setUpCase(subject, target, number)
    try {
      return judge(subject, await observeCase(subject, setup, patienceMs), setup)
    } finally {
      await setup.close()
    }
  } catch (error) {
    if (error instanceof NotApplicableError) return skipped(error.message)
    const message = error instanceof Error ? error.message : String(error)
    return { verdict: 'fail', seen: message, problems: ['the case could not be run'] }
  }
}

function skipped(seen: string): Judgement {
  return { verdict: 'skip', seen, problems: [] }
}
