import { describe, expect, it } from 'vitest'
import { fakeRuntime } from '../../testing/fake-runtime.js'
import { CheckPace } from './check-pace.js'

const never = new AbortController().signal
const all = { isOfAccount: false }

/** When so many checks begin that all want to begin now, in milliseconds from now. */
async function starts(
  pace: CheckPace,
  runtime: ReturnType<typeof fakeRuntime>,
  count: number,
): Promise<number[]> {
  const from = runtime.monotonic()
  const begun: number[] = []
  const all = Array.from({ length: count }, async () => {
    await pace.wait(never)
    begun.push(runtime.monotonic() - from)
  })
  await runtime.advanceAsync(120_000)
  await Promise.all(all)
  return begun
}

describe('the pace of checks', () => {
  it('checks start without a gap as long as none is refused', async () => {
    const runtime = fakeRuntime()
    expect(await starts(new CheckPace(runtime), runtime, 3)).toEqual([0, 0, 0])
  })

  it('a refusal puts a gap between all checks, and the next refusal doubles it', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), all)
    const { gapMs } = pace
    expect(await starts(pace, runtime, 3)).toEqual([gapMs, 2 * gapMs, 3 * gapMs])
    pace.refused(runtime.monotonic(), all)
    expect(pace.gapMs).toBe(2 * gapMs)
  })

  it('limits of a few single accounts put no gap between checks', () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    for (let count = 0; count < 50; count++) {
      pace.refused(runtime.monotonic(), { isOfAccount: true })
      pace.answered()
      pace.answered()
    }
    expect(pace.gapMs).toBe(0)
  })

  it('limits of nearly all accounts put a shorter gap between checks than a common limit', () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    for (let count = 0; count < 20; count++) {
      pace.refused(runtime.monotonic(), { isOfAccount: true })
      runtime.advance(1)
    }
    const { gapMs } = pace
    pace.refused(runtime.monotonic(), all)
    expect(pace.gapMs).toBe(2 * gapMs)
    expect(gapMs).toBe(100)
  })

  it('refusals of checks that ran at the same time double the gap once', () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    const startedAt = runtime.monotonic()
    runtime.advance(100)
    pace.refused(startedAt, all)
    const { gapMs } = pace
    pace.refused(startedAt, all)
    expect(pace.gapMs).toBe(gapMs)
  })

  it('all checks pause as long as the upstream asks for, and a minute at most', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 7_000 })
    expect((await starts(pace, runtime, 2))[0]).toBe(7_000)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 86_400_000 })
    expect((await starts(pace, runtime, 1))[0]).toBe(60_000)
  })

  it('checks that are already paused wait for a longer pause as well', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 1_000 })
    const from = runtime.monotonic()
    let begunAt = 0
    void pace.wait(never).then(() => {
      begunAt = runtime.monotonic() - from
    })
    await runtime.advanceAsync(500)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 5_000 })
    await runtime.advanceAsync(60_000)
    expect(begunAt).toBe(5_500)
  })

  it('every answer without a refusal shortens the gap, until there is none', () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), all)
    const { gapMs } = pace
    pace.answered()
    expect(pace.gapMs).toBeLessThan(gapMs)
    for (let count = 0; count < 100; count++) pace.answered()
    expect(pace.gapMs).toBe(0)
  })

  it('a check that cannot start by its latest time is sent away at once', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 5_000 })
    expect(await pace.wait(never, runtime.monotonic() + 4_999)).toBe(false)
    expect((await starts(pace, runtime, 1))[0]).toBe(5_000)
  })

  it('a paused check goes on at once when its signal fires', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 60_000 })
    const stop = new AbortController()
    const waiting = pace.wait(stop.signal)
    stop.abort()
    await waiting
    expect(runtime.timerCount).toBe(0)
  })
})
