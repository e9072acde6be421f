import { describe, expect, it } from 'vitest'
import { fakeRuntime } from '../testing/fake-runtime.js'
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
  it('holds nothing back as long as nothing is refused', async () => {
    const runtime = fakeRuntime()
    expect(await starts(new CheckPace(runtime), runtime, 3)).toEqual([0, 0, 0])
  })

  it('puts a gap between all checks after a refusal, and doubles it after the next', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), all)
    const { gapMs } = pace
    expect(await starts(pace, runtime, 3)).toEqual([gapMs, 2 * gapMs, 3 * gapMs])
    pace.refused(runtime.monotonic(), all)
    expect(pace.gapMs).toBe(2 * gapMs)
  })

  it('is not slowed by the limit of an account here and there', () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    for (let count = 0; count < 50; count++) {
      pace.refused(runtime.monotonic(), { isOfAccount: true })
      pace.answered()
      pace.answered()
    }
    expect(pace.gapMs).toBe(0)
  })

  it('is slowed less by limits of single accounts, when nearly all meet one', () => {
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

  it('is slowed once by refusals of checks that were under way together', () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    const startedAt = runtime.monotonic()
    runtime.advance(100)
    pace.refused(startedAt, all)
    const { gapMs } = pace
    pace.refused(startedAt, all)
    expect(pace.gapMs).toBe(gapMs)
  })

  it('waits as long as the upstream asks for, but not for ever', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 7_000 })
    expect((await starts(pace, runtime, 2))[0]).toBe(7_000)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 86_400_000 })
    expect((await starts(pace, runtime, 1))[0]).toBe(60_000)
  })

  it('holds those too that wait already when a longer hold comes', async () => {
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

  it('speeds up again with every answer, until nothing is held back', () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), all)
    const { gapMs } = pace
    pace.answered()
    expect(pace.gapMs).toBeLessThan(gapMs)
    for (let count = 0; count < 100; count++) pace.answered()
    expect(pace.gapMs).toBe(0)
  })

  it('sends those away at once who cannot wait so long', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 5_000 })
    expect(await pace.wait(never, runtime.monotonic() + 4_999)).toBe(false)
    expect((await starts(pace, runtime, 1))[0]).toBe(5_000)
  })

  it('lets everybody go when the signal fires', async () => {
    const runtime = fakeRuntime()
    const pace = new CheckPace(runtime)
    pace.refused(runtime.monotonic(), { isOfAccount: false, pauseMs: 60_000 })
    const stop = new AbortController()
    const turn = pace.wait(stop.signal)
    stop.abort()
    await turn
    expect(runtime.timerCount).toBe(0)
  })
})
