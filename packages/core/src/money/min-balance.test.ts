import { describe, expect, it } from 'vitest'
import { check } from '../validation.js'
import type { Baseline } from './balance-estimate.js'
import { parseMoney } from './decimal.js'
import { type MinBalance, minBalanceSchema, Thresholds, trustedForMs } from './min-balance.js'

const baseline: Baseline = { source: 'known', amount: 0n, funds: null, currency: 'CNY', at: 1_000 }

const lowUntil = (least: MinBalance, amount: string | null, more: Partial<Baseline> = {}, now = 2_000) =>
  new Thresholds(least).lowUntil(
    { ...baseline, ...more },
    { amount: amount === null ? null : parseMoney(amount) },
    now,
  )

describe('an account with less than it should keep', () => {
  it('is low as long as the figure can be trusted', () => {
    expect(lowUntil('5', '4.999999999999')).toBe(1_000 + trustedForMs)
    expect(lowUntil('5', '4', {}, 1_000 + trustedForMs)).toBeNull()
    expect(lowUntil('5', '5')).toBeNull()
  })

  it('is not low where its balance is unknown', () => {
    expect(lowUntil('5', null)).toBeNull()
  })

  it('is compared with the amount for its own currency', () => {
    const least = { CNY: '5', USD: '1' }
    expect(lowUntil(least, '2')).not.toBeNull()
    expect(lowUntil(least, '2', { currency: 'USD' })).toBeNull()
    expect(lowUntil(least, '0', { currency: 'EUR' })).toBeNull()
    expect(lowUntil('5', '2', { currency: 'USD' })).not.toBeNull()
  })
})

it.each([
  [5, /^minBalance must be a decimal string/],
  ['five', /^minBalance must be a decimal string/],
  [{ CNY: 5 }, /^minBalance\.CNY must be a decimal string/],
  [{ CNY: '5,00' }, /^minBalance\.CNY must be a decimal string/],
  [['5'], /^minBalance must be/],
])('the option minBalance refuses %j', (given, message) => {
  expect(() => check(minBalanceSchema, given, 'minBalance')).toThrow(message)
})

it.each(['5', '0.50', '-1', { CNY: '5', USD: '1' }])('the option minBalance accepts %j', (given) => {
  expect(check(minBalanceSchema, given, 'minBalance')).toEqual(given)
})
