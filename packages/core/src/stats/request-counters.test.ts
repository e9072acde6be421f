import { describe, expect, it } from 'vitest'
import { makeKey } from '../key/testing/make-key.js'
import type { RelayReport } from '../relay/report.js'
import { statsOf } from './pool-stats.js'
import { RequestCounters } from './request-counters.js'

const report = (changes: Partial<RelayReport> = {}): RelayReport => ({
  requestId: null,
  status: 200,
  model: 'm',
  askedModel: 'm',
  outcome: 'success',
  attempts: [{ key: 'key_a', outcome: 'success', status: 200, durationMs: 5 }],
  usage: null,
  bytes: 0,
  durationMs: 5,
  waitedMs: 0,
  error: null,
  ...changes,
})
const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7, cachedTokens: 2, reasoningTokens: 1 }

describe('the counters of a pool', () => {
  it('count requests, the attempts behind them, and how they ended', () => {
    const counters = new RequestCounters()
    const [attempt] = report().attempts
    counters.countRequest(report())
    counters.countRequest(report({ attempts: attempt === undefined ? [] : [attempt, attempt, attempt] }))
    counters.countRequest(report({ outcome: 'rate-limited', attempts: [] }))
    counters.countRequest(report({ outcome: 'rate-limited' }))
    counters.countRequest(report({ outcome: 'aborted' }))
    expect(counters).toMatchObject({
      requests: 5,
      successes: 2,
      attempts: 6,
      failures: { 'rate-limited': 2, aborted: 1 },
    })
  })

  it('count tokens in all and by model, those of broken streams too', () => {
    const counters = new RequestCounters()
    counters.countRequest(report({ usage }))
    counters.countRequest(report({ usage, outcome: 'truncated', model: 'other' }))
    counters.countRequest(report({ usage, model: 'other' }))
    expect(counters.tokens).toEqual({ prompt: 9, completion: 12, total: 21, cached: 6, reasoning: 3 })
    expect(counters.models()).toEqual([
      { model: 'other', requests: 2, successes: 1, promptTokens: 6, completionTokens: 8 },
      { model: 'm', requests: 1, successes: 1, promptTokens: 3, completionTokens: 4 },
    ])
  })

  it('keep a bounded list of models, though clients name ever new ones', () => {
    const counters = new RequestCounters()
    for (let n = 0; n < 5_000; n++) counters.countRequest(report({ model: `made-up-${n}` }))
    counters.countRequest(report({ model: 'made-up-1' }))
    const models = counters.models()
    expect(models).toHaveLength(1_001)
    expect(models[0]).toMatchObject({ model: '(other models)', requests: 4_000 })
    expect(models[1]).toMatchObject({ model: 'made-up-1', requests: 2 })
  })
})

describe('the statistics of a pool', () => {
  it('count each key once: the disabled as such, the others by status', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => makeKey(name))
    const [, cooling, exhausted, probing, invalid, disabled] = keys
    if (cooling) cooling.account.health = { status: 'cooling', until: 1, reason: 'quota', strikes: 1 }
    if (exhausted) exhausted.account.health = { status: 'exhausted', until: 1, funds: 'any', strikes: 1 }
    if (probing) probing.account.health = { status: 'probing', after: 'cooling', strikes: 1 }
    if (invalid) invalid.health = { status: 'invalid', reason: 'refused', since: 0 }
    if (disabled) disabled.enabled = false
    for (const key of keys) key.inFlight = 2
    const stats = statsOf({
      keys,
      counters: new RequestCounters(),
      waiting: 3,
      startedAt: '2026-09-01T00:00:00.000Z',
    })
    expect(stats.keys).toEqual({
      total: 6,
      ready: 1,
      cooling: 1,
      exhausted: 1,
      probing: 1,
      invalid: 1,
      disabled: 1,
    })
    expect(stats).toMatchObject({ inFlight: 12, waiting: 3, requests: 0, failures: {}, models: [] })
  })

  it('are a copy: counting on does not change what was given', () => {
    const counters = new RequestCounters()
    const before = statsOf({ keys: [], counters, waiting: 0, startedAt: '' })
    counters.countRequest(report({ usage, outcome: 'timeout' }))
    expect(before).toMatchObject({ requests: 0, failures: {}, tokens: { total: 0 } })
  })
})
