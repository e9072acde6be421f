import { describe, expect, it } from 'vitest'
import { type SteadyLoad, SteadyRun, type Trouble } from './steady-load.mjs'

/** 200 keys at 500 requests a second: three a second for each, or twice the minute's calls of a usual limit. */
const load = { keys: 200, perSecond: 500 }
const healedAt = 90_000

const run = (trouble: Partial<Trouble>, more: Partial<SteadyLoad> = {}): Promise<SteadyRun> =>
  new SteadyRun({
    ...load,
    seconds: 150,
    trouble: { fromMs: 0, untilMs: healedAt, share: 0.01, retryAfterMs: null, ...trouble },
    ...more,
  }).toEnd()

describe('an upstream that answers one call in a hundred with a stray 429', () => {
  it.each<[string, Partial<Trouble>, Partial<SteadyLoad>]>([
    ['Retry-After: 2', { retryAfterMs: 2_000 }, {}],
    ['no Retry-After', {}, {}],
    ['a meter of the day', {}, { meter: 'RPD' }],
    ['a meter of requests', { retryAfterMs: 2_000 }, { meter: 'RPM' }],
  ])('refuses no client while it lasts, nor after it: %s', async (_what, trouble, more) => {
    const found = await run(trouble, more)
    expect(found.refusedIn({ fromMs: 0, untilMs: healedAt })).toBeLessThan(0.001)
    expect(found.refusedIn({ fromMs: healedAt, untilMs: 150_000 })).toBeLessThan(0.001)
    expect(found.refusals / found.calls).toBeLessThan(0.015)
  })

  it('refuses few clients when it is one call in twenty, and none once that is over', async () => {
    const found = await run({ share: 0.05, retryAfterMs: 2_000 })
    expect(found.refusedIn({ fromMs: 0, untilMs: healedAt })).toBeLessThan(0.1)
    expect(found.refusedIn({ fromMs: healedAt + 10_000, untilMs: 150_000 })).toBeLessThan(0.001)
  })
})

describe('an upstream that throttles everybody for a minute', () => {
  it.each<[string, Partial<Trouble>]>([
    ['Retry-After: 2', { share: 1, retryAfterMs: 2_000 }],
    ['no Retry-After', { share: 1 }],
    ['half of the calls', { share: 0.5 }],
  ])('serves all clients ten seconds after it has healed: %s', async (_what, trouble) => {
    const found = await run({ ...trouble, fromMs: 30_000 })
    expect(found.refusedIn({ fromMs: 0, untilMs: 30_000 })).toBe(0)
    expect(found.refusedIn({ fromMs: healedAt + 10_000, untilMs: 150_000 })).toBe(0)
  })
})
