import type { BalanceView, VerdictKind } from '@sfpool/core'
import { describe, expect, it } from 'vitest'
import { CheckCounters } from './check-counters.js'

const known: BalanceView = { amount: '1', currency: 'CNY', source: 'known', at: null }
const failOn = ['invalid', 'exhausted', 'disabled', 'unknown'] as const

function tallyOf(verdicts: readonly VerdictKind[]): CheckCounters {
  const counters = new CheckCounters()
  for (const verdict of verdicts) counters.add({ verdict, balance: known })
  return counters
}

describe('the exit code of a check', () => {
  it.each<[string, VerdictKind[], readonly VerdictKind[], number]>([
    ['is 0 when every key is good', ['valid', 'limited'], failOn, 0],
    ['is 1 when a key fell short', ['valid', 'invalid'], failOn, 1],
    ['is 3 when a key could not be judged', ['valid', 'unknown'], failOn, 3],
    ['is 1 when both happened, for that much is certain', ['unknown', 'invalid'], failOn, 1],
    ['minds only the verdicts it was told to', ['unknown', 'invalid'], ['restricted'], 0],
  ])('%s', (_, verdicts, failOn, code) => {
    expect(tallyOf(verdicts).exitCode({ failOn, rejected: 0, hasMinimum: false })).toBe(code)
  })

  it('is 1 when a line held no key, or a balance is too low', () => {
    expect(tallyOf(['valid']).exitCode({ failOn, rejected: 1, hasMinimum: false })).toBe(1)
    const counters = tallyOf(['valid'])
    counters.add({ verdict: 'valid', low: true, balance: known })
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: true })).toBe(1)
  })

  it('is 3 when a least balance was asked for and one is not known', () => {
    const counters = tallyOf(['valid'])
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: true })).toBe(0)
    counters.add({ verdict: 'valid', balance: { ...known, amount: null, source: 'unsupported' } })
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: false })).toBe(0)
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: true })).toBe(3)
    expect(counters.exitCode({ failOn: ['invalid'], rejected: 0, hasMinimum: true })).toBe(0)
  })

  it('counts what an earlier run found', () => {
    const counters = tallyOf(['valid'])
    counters.addEarlier('invalid')
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: false })).toBe(1)
    expect(counters.summary({ duplicates: 2, rejected: 0 })).toMatchObject({
      total: 2,
      invalid: 1,
      resumed: 1,
      duplicates: 2,
    })
  })
})
