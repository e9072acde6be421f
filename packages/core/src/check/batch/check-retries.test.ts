import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../outcome/outcome.js'
import { fakeRuntime } from '../../testing/fake-runtime.js'
import { hurry } from '../../testing/hurry.js'
import type { Checker, Finding } from '../probe/checker.js'
import type { ProbeOptions } from '../probe/probe-key.js'
import { rulingOf } from '../probe/ruling.js'
import { CheckPace } from './check-pace.js'
import { CheckRetries, type CheckSubject, type RetryLimits } from './check-retries.js'
import { Delayed } from './run-batch.js'

const never = new AbortController().signal
const overloaded: Outcome = { kind: 'upstream-error', fault: 'overload', status: 503 }
const limited: Outcome = { kind: 'rate-limited', fault: 'limit', status: 429 }

/** Turns over answers that are known in advance; the last one repeats. */
function setUp(answers: readonly Outcome[], limits: Partial<RetryLimits> = {}) {
  const runtime = fakeRuntime()
  const seen: number[] = []
  const checker: Pick<Checker, 'try'> = {
    async try(_, { timeoutMs }: ProbeOptions): Promise<Finding> {
      const outcome = answers[Math.min(seen.push(timeoutMs), answers.length) - 1] ?? { kind: 'success' }
      return { outcome, ruling: rulingOf(outcome), reported: null, model: null }
    },
  }
  const pace = new CheckPace(runtime)
  const retries = new CheckRetries({
    checker: checker as Checker,
    pace,
    runtime,
    limits: { timeoutMs: 15_000, deadlineMs: 60_000, retries: 2, retryPauseMs: 500, ...limits },
  })
  const subject: CheckSubject = {
    site: 'cn',
    token: 'sk-fake',
    failures: 0,
    refusals: 0,
    startedAt: null,
    finding: null,
  }
  return {
    pace,
    timeouts: seen,
    /** Tries until there is an answer: the pauses between the tries, and the verdict. */
    async run(): Promise<{ pauses: number[]; verdict: string }> {
      const pauses: number[] = []
      for (;;) {
        const finding = await hurry(retries.try(subject, never), runtime, () => pace.gapMs > 0)
        if (!(finding instanceof Delayed)) return { pauses, verdict: finding.ruling.verdict }
        pauses.push(finding.delayMs)
        await runtime.advanceAsync(finding.delayMs)
      }
    },
  }
}

describe('a check', () => {
  it('a check ends with the first answer that says something about the key', async () => {
    const { run, timeouts } = setUp([{ kind: 'unauthorized', fault: 'key' }])
    expect(await run()).toEqual({ pauses: [], verdict: 'invalid' })
    expect(timeouts).toEqual([15_000])
  })

  it('a check is tried again after answers that say nothing about the key, with pauses that double', async () => {
    const { run } = setUp([overloaded, overloaded, { kind: 'success' }])
    expect(await run()).toEqual({ pauses: [500, 1_000], verdict: 'valid' })
  })

  it('a check gives up after the set number of retries, with the set pauses', async () => {
    const { run } = setUp([overloaded], { retries: 3, retryPauseMs: 2_000 })
    expect(await run()).toEqual({ pauses: [2_000, 4_000, 8_000], verdict: 'unknown' })
  })

  it('a check waits as long as the upstream asks for before the next try', async () => {
    const { run } = setUp([{ ...overloaded, retryAfterMs: 7_000 }, { kind: 'success' }])
    expect(await run()).toEqual({ pauses: [7_000], verdict: 'valid' })
  })

  it.each([
    ['model', 'unknown'],
    ['caller', 'unknown'],
  ] as const)('a check is not repeated when the fault is the %s', async (fault, verdict) => {
    expect(await setUp([{ kind: 'rejected', fault }]).run()).toEqual({ pauses: [], verdict })
  })

  it('a check without retries asks once', async () => {
    expect(await setUp([limited], { retries: 0 }).run()).toEqual({ pauses: [], verdict: 'limited' })
  })

  it('a check ends by its deadline, tries and pauses together', async () => {
    const { run, timeouts } = setUp([overloaded], { deadlineMs: 4_000, retries: 9 })
    const { pauses } = await run()
    expect(pauses).toEqual([500, 1_000, 2_000])
    expect(timeouts).toEqual([4_000, 3_500, 2_500, 500])
  })
})

describe('a key at a limit', () => {
  it('a key at a limit is tried again as long as the deadline allows, however few retries there are', async () => {
    const { run } = setUp([limited], { retries: 1, deadlineMs: 30_000 })
    const { pauses, verdict } = await run()
    expect(verdict).toBe('limited')
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000])
  })

  it('a key at a limit gets its verdict once the limit lets it through', async () => {
    const { run, pace } = setUp([{ ...limited, retryAfterMs: 3_000 }, { kind: 'success' }])
    expect(await run()).toEqual({ pauses: [3_000], verdict: 'valid' })
    expect(pace.gapMs).toBeGreaterThan(0)
  })

  it.each<Partial<Outcome>>([
    { meter: 'RPD' },
    { meter: 'TPD' },
    { accountWide: true },
    { retryAfterMs: 86_400_000 },
  ])('a key at a daily limit is not tried again: %j', async (more) => {
    expect(await setUp([{ ...limited, ...more }]).run()).toEqual({ pauses: [], verdict: 'limited' })
  })

  it('a key keeps its finding when a later try runs out of time', async () => {
    const timeout: Outcome = { kind: 'timeout', fault: 'network' }
    expect((await setUp([limited, timeout], { retries: 1 }).run()).verdict).toBe('limited')
  })

  it('a key at a limit is tried as often as there are retries when there is no deadline', async () => {
    const { run } = setUp([limited], { deadlineMs: 0 })
    expect((await run()).pauses).toHaveLength(2)
  })
})

describe('the limit of one account', () => {
  it('a limit that names its meter pauses no other check, unlike one that names none', async () => {
    const own = setUp([{ ...limited, meter: 'RPM', retryAfterMs: 9_000 }], { retries: 0 })
    await own.run()
    const general = setUp([{ ...limited, retryAfterMs: 9_000 }], { retries: 0 })
    await general.run()
    expect(own.pace.pausedMs).toBe(0)
    expect(general.pace.pausedMs).toBeGreaterThan(0)
  })
})
