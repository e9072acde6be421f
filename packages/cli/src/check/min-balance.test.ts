import { expect, it } from 'vitest'
import { isBelow } from '../keys/is-below.js'
import type { CheckResult } from './check-result.js'
import { markLowBalance } from './min-balance.js'

it.each([
  ['4.99', '5', true],
  ['5', '5.00', false],
  ['0.1000000000000000001', '0.1', false],
  ['0.0999999999999999999', '0.1', true],
  ['-3', '0', true],
  ['12', '5.5', false],
])('isBelow compares %s with %s exactly: %s', (amount, least, isLess) => {
  expect(isBelow(amount, least)).toBe(isLess)
})

it('markLowBalance marks only valid keys whose balance is known to be below the minimum', () => {
  const balance = { amount: '3.20', currency: 'CNY', source: 'known' as const, at: null }
  const result: CheckResult = {
    ...{ line: 1, id: 'key_1', key: 'sk-…', label: null, site: 'cn', verdict: 'valid' },
    ...{ reason: 'accepted; balance 3.20 CNY', next: null, balance },
  }
  expect(markLowBalance(result, '5')).toEqual({
    ...result,
    reason: 'accepted; balance 3.20 CNY, below 5',
    next: 'Top the account up.',
    low: true,
  })
  expect(markLowBalance(result, { CNY: '5', USD: '1' }).low).toBe(true)
  for (const [given, least] of [
    [result, { USD: '5' }],
    [result, undefined],
    [result, '3.2'],
    [{ ...result, verdict: 'invalid' }, '5'],
    [{ ...result, balance: { ...balance, amount: null } }, '5'],
  ] as const)
    expect(markLowBalance(given, least)).toBe(given)
})
