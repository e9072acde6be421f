import { describe, expect, it } from 'vitest'
import { makeKey } from '../key/testing/make-key.js'
import { noTokens } from '../usage/usage.js'
import { statsOf } from './pool-stats.js'
import { RequestCounters } from './request-counters.js'
import { relayReport } from './testing/relay-report.js'

describe('statsOf', () => {
  it('each key is counted once: disabled keys as such, the others by status', () => {
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

  it('the statistics are a copy, which later requests do not change', () => {
    const counters = new RequestCounters()
    const usage = { ...noTokens, promptTokens: 3, totalTokens: 3 }
    const before = statsOf({ keys: [], counters, waiting: 0, startedAt: '' })
    counters.countRequest(relayReport({ usage, outcome: 'timeout' }))
    expect(before).toMatchObject({ requests: 0, failures: {}, tokens: { total: 0 } })
  })
})
