import { describe, expect, it } from 'vitest'
import { costOfAttempt, type PricedAttempt } from './attempt-cost.js'
import { PriceBook } from './price-book.js'

const prices = new PriceBook([
  {
    date: '2026-10-05',
    source: 'a test',
    sites: { cn: { currency: 'CNY', models: { paid: { input: '1', output: '2' }, gratis: 'free' } } },
  },
])

const cost = (changes: Partial<PricedAttempt>) => {
  const found = costOfAttempt(
    {
      outcome: { kind: 'success' },
      usage: null,
      model: 'paid',
      site: 'cn',
      startedAt: 0,
      isFree: false,
      currency: 'CNY',
      ...changes,
    },
    prices,
  )
  return 'amount' in found ? Number(found.amount) : 'unknown'
}

const usage = { promptTokens: 1, completionTokens: 1 }

describe('costOfAttempt', () => {
  it('an attempt costs what it used, also when it broke off', () => {
    expect(cost({ usage })).toBe(3_000_000)
    for (const kind of ['aborted', 'truncated', 'timeout'] as const)
      expect(cost({ outcome: { kind }, usage })).toBe(3_000_000)
  })

  it('the cost is unknown when the attempt ran, or may have run, without a reported usage', () => {
    expect(cost({})).toBe('unknown')
    expect(cost({ usage: { promptTokens: 0, completionTokens: 0 } })).toBe('unknown')
    expect(cost({ outcome: { kind: 'aborted' } })).toBe('unknown')
    expect(cost({ outcome: { kind: 'timeout', fault: 'network', maybeRan: true } })).toBe('unknown')
    expect(cost({ model: 'unlisted', usage })).toBe('unknown')
  })

  it('an attempt costs nothing when it was refused or did not run for sure', () => {
    expect(cost({ outcome: { kind: 'insufficient-balance', fault: 'funds', status: 402 } })).toBe(0)
    expect(cost({ outcome: { kind: 'rejected', fault: 'caller', status: 400 } })).toBe(0)
    expect(cost({ outcome: { kind: 'network-error', fault: 'network', maybeRan: false } })).toBe(0)
    expect(cost({ model: 'unlisted', outcome: { kind: 'rate-limited', fault: 'limit' } })).toBe(0)
  })

  it('an attempt costs nothing when the model is free by the list, or by the catalogue where no list names it', () => {
    expect(cost({ model: 'gratis' })).toBe(0)
    expect(cost({ model: 'gratis', usage })).toBe(0)
    expect(cost({ model: 'unlisted', usage, isFree: true })).toBe(0)
    expect(cost({ isFree: true })).toBe(0)
    expect(cost({ usage, isFree: true })).toBe(3_000_000)
  })
})
