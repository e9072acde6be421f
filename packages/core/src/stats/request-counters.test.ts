import { describe, expect, it } from 'vitest'
import { RequestCounters } from './request-counters.js'
import { relayReport } from './testing/relay-report.js'

const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7, cachedTokens: 2, reasoningTokens: 1 }

describe('RequestCounters', () => {
  it('requests are counted by outcome, with the attempts behind them', () => {
    const counters = new RequestCounters()
    const [attempt] = relayReport().attempts
    counters.countRequest(relayReport())
    counters.countRequest(relayReport({ attempts: attempt === undefined ? [] : [attempt, attempt, attempt] }))
    counters.countRequest(relayReport({ outcome: 'rate-limited', attempts: [] }))
    counters.countRequest(relayReport({ outcome: 'rate-limited' }))
    counters.countRequest(relayReport({ outcome: 'aborted' }))
    expect(counters).toMatchObject({
      requests: 5,
      successes: 2,
      attempts: 6,
      failures: { 'rate-limited': 2, aborted: 1 },
    })
  })

  it('tokens are counted in total and by model, those of broken streams too', () => {
    const counters = new RequestCounters()
    counters.countRequest(relayReport({ usage }))
    counters.countRequest(relayReport({ usage, outcome: 'truncated', model: 'other' }))
    counters.countRequest(relayReport({ usage, model: 'other' }))
    expect(counters.tokens).toEqual({ prompt: 9, completion: 12, total: 21, cached: 6, reasoning: 3 })
    expect(counters.models()).toEqual([
      { model: 'other', requests: 2, successes: 1, promptTokens: 6, completionTokens: 8 },
      { model: 'm', requests: 1, successes: 1, promptTokens: 3, completionTokens: 4 },
    ])
  })

  it('the list of models is limited, however many names clients invent', () => {
    const counters = new RequestCounters()
    for (let n = 0; n < 5_000; n++) counters.countRequest(relayReport({ model: `made-up-${n}` }))
    counters.countRequest(relayReport({ model: 'made-up-1' }))
    const models = counters.models()
    expect(models).toHaveLength(1_001)
    expect(models[0]).toMatchObject({ model: '(other models)', requests: 4_000 })
    expect(models[1]).toMatchObject({ model: 'made-up-1', requests: 2 })
  })
})
