import type { BalanceView, VerdictKind } from '@sfpool/core'
import { describe, expect, it } from 'vitest'
import { CheckCounters } from './check-counters.js'

const known: BalanceView = { amount: '1', currency: 'CNY', source: 'known', at: null }
const failOn = ['invalid', 'exhausted', 'disabled', 'unknown'] as const

function countersOf(verdicts: readonly VerdictKind[]): CheckCounters {
  const counters = new CheckCounters()
  for (const verdict of verdicts) counters.add({ verdict, balance: known })
  return counters
}

describe('CheckCounters', () => {
  it.each<[string, VerdictKind[], readonly VerdictKind[], number]>([
    ['0 when every key is good', ['valid', 'limited'], failOn, 0],
    ['1 when a key fails', ['valid', 'invalid'], failOn, 1],
    ['3 when a verdict is unknown', ['valid', 'unknown'], failOn, 3],
    ['1 when a key fails and another verdict is unknown', ['unknown', 'invalid'], failOn, 1],
    ['0 for verdicts that --fail-on does not name', ['unknown', 'invalid'], ['restricted'], 0],
  ])('the exit code of a check is %s', (_, verdicts, failOn, code) => {
    expect(countersOf(verdicts).exitCode({ failOn, rejected: 0, hasMinimum: false })).toBe(code)
  })

  it('the exit code of a check is 1 when a line holds no key or a balance is too low', () => {
    expect(countersOf(['valid']).exitCode({ failOn, rejected: 1, hasMinimum: false })).toBe(1)
    const counters = countersOf(['valid'])
    counters.add({ verdict: 'valid', low: true, balance: known })
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: true })).toBe(1)
  })

  it('the exit code of a check is 3 when nothing was verified, also when a line holds no key', () => {
    const asked = { failOn, rejected: 1, hasMinimum: false }
    expect(countersOf(['unknown', 'unknown']).exitCode(asked)).toBe(3)
    expect(countersOf(['unknown', 'valid']).exitCode(asked)).toBe(1)
    expect(countersOf(['unknown', 'invalid']).exitCode(asked)).toBe(1)
    expect(countersOf(['unknown']).exitCode({ ...asked, failOn: ['invalid'] })).toBe(1)
    expect(countersOf([]).exitCode(asked)).toBe(1)
  })

  it('the exit code of a check is 3 when a minimum balance is required and a balance is unknown', () => {
    const counters = countersOf(['valid'])
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: true })).toBe(0)
    counters.add({ verdict: 'valid', balance: { ...known, amount: null, source: 'unsupported' } })
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: false })).toBe(0)
    expect(counters.exitCode({ failOn, rejected: 0, hasMinimum: true })).toBe(3)
    expect(counters.exitCode({ failOn: ['invalid'], rejected: 0, hasMinimum: true })).toBe(0)
  })

  it('the counters of a check include the results of an earlier run', () => {
    const counters = countersOf(['valid'])
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
