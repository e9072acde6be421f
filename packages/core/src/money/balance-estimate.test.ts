import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { balanceOf, baselineOf } from './balance.js'
import {
  type Baseline,
  emptied,
  hasLeft,
  nothingSpent,
  refuted,
  remaining,
  type Spent,
  toppedUp,
} from './balance-estimate.js'
import { parseMoney } from './decimal.js'

const baseline = (
  amount: string | null,
  funds: readonly [charged: string, gift: string] | null = null,
): Baseline => ({
  source: 'known',
  amount: amount === null ? null : parseMoney(amount),
  funds: funds === null ? null : { charged: parseMoney(funds[0]), gift: parseMoney(funds[1]) },
  currency: 'CNY',
  at: 100,
})

const spent = (any: string, charged = '0', unknown = 0): Spent => ({
  any: parseMoney(any),
  charged: parseMoney(charged),
  unknown,
})

describe('the remaining money', () => {
  it('is the baseline less what was spent since, exactly', () => {
    expect(balanceOf(baseline('10'), spent('0.000000000001', '2.5'))).toEqual({
      amount: '7.499999999999',
      currency: 'CNY',
      source: 'estimated',
      at: 100,
      funds: null,
    })
  })

  it.each([
    [spent('0'), '5.00', '3.00'],
    [spent('2'), '5.00', '1.00'],
    [spent('4'), '4.00', '0.00'],
    [spent('2', '1'), '4.00', '1.00'],
    [spent('9', '1'), '-2.00', '0.00'],
  ])(
    'is taken from gifts first, and for some models from recharged money only (%#)',
    (since, charged, gift) => {
      expect(balanceOf(baseline('8', ['5', '3']), since).funds).toEqual({ charged, gift })
    },
  )

  it('is what the upstream said while nothing was spent, and an estimate after that', () => {
    expect(balanceOf(baseline('1'), nothingSpent).source).toBe('known')
    expect(balanceOf(baseline('1'), spent('0', '0', 1)).source).toBe('estimated')
    expect(balanceOf({ ...baseline(null), source: 'unsupported' }, spent('3')).source).toBe('unsupported')
  })

  it('adds up, whatever is spent of which kind', () => {
    const money = fc.bigInt({ min: 0n, max: 10n ** 18n })
    assertProperty(
      fc.property(money, money, money, money, (charged, gift, any, chargedSpent) => {
        const whole = { ...baseline('0'), amount: charged + gift, funds: { charged, gift } }
        const left = remaining(whole, { any, charged: chargedSpent, unknown: 0 })
        expect(left.amount).toBe(charged + gift - any - chargedSpent)
        expect((left.funds?.charged ?? 0n) + (left.funds?.gift ?? 0n)).toBe(left.amount)
        expect((left.funds?.gift ?? -1n) >= 0n).toBe(true)
      }),
    )
  })
})

describe('an account that is refused for lack of money', () => {
  const shown = (given: Baseline) => balanceOf(given, nothingSpent)

  it('has nothing left, whatever the estimate was', () => {
    const empty = { amount: '0.00', source: 'estimated', at: 200, funds: { charged: '0.00', gift: '0.00' } }
    for (const before of [baseline('10'), baseline(null), baseline('8', ['5', '3'])])
      expect(shown(emptied(before, spent('1'), { lacking: 'any', at: 200 }))).toMatchObject(empty)
  })

  it('keeps a debt that was known', () => {
    const after = emptied(baseline('1', ['1', '0']), spent('1.5'), { lacking: 'any', at: 200 })
    expect(shown(after)).toMatchObject({ amount: '-0.50', funds: { charged: '-0.50', gift: '0.00' } })
    expect(shown(emptied(baseline('1'), spent('3'), { lacking: 'any', at: 200 })).amount).toBe('-2.00')
  })

  it('keeps its gifts when only recharged money is lacking', () => {
    const after = emptied(baseline('8', ['5', '3']), spent('1'), { lacking: 'charged', at: 200 })
    expect(shown(after)).toMatchObject({ amount: '2.00', funds: { charged: '0.00', gift: '2.00' } })
    const sum = emptied(baseline('8'), nothingSpent, { lacking: 'charged', at: 200 })
    expect(shown(sum)).toMatchObject({ amount: '8.00', funds: { charged: '0.00', gift: '8.00' } })
    const unknown = baseline(null)
    expect(emptied(unknown, nothingSpent, { lacking: 'charged', at: 200 })).toEqual(unknown)
  })

  it('has an unknown balance again when a call is paid for', () => {
    expect(shown(refuted(baseline('0'), 300))).toEqual({
      amount: null,
      currency: 'CNY',
      source: 'unknown',
      at: 300,
      funds: null,
    })
  })
})

describe('money that the operator adds', () => {
  it('is added to what remains, as recharged money', () => {
    const top = { amount: parseMoney('12.50'), at: 300 }
    expect(balanceOf(toppedUp(baseline('8', ['5', '3']), spent('4'), top), nothingSpent)).toEqual({
      amount: '16.50',
      currency: 'CNY',
      source: 'estimated',
      at: 300,
      funds: { charged: '16.50', gift: '0.00' },
    })
    expect(toppedUp(baseline(null), nothingSpent, top)).toEqual(baseline(null))
  })
})

it('there is enough money by the kind that is needed, and also where the balance is unknown', () => {
  const gifts = remaining(baseline('3', ['0', '3']), nothingSpent)
  expect([hasLeft(gifts, 'any'), hasLeft(gifts, 'charged')]).toEqual([true, false])
  expect(hasLeft(remaining(baseline('0'), nothingSpent), 'any')).toBe(false)
  expect(hasLeft(remaining(baseline('3'), nothingSpent), 'charged')).toBe(true)
  expect(hasLeft(remaining(baseline(null), nothingSpent), 'any')).toBe(true)
})

it('a balance becomes a baseline and back, and an amount that cannot be read is unknown', () => {
  const balance = { amount: '88.88', currency: 'CNY', source: 'known' as const, at: 7, funds: null }
  expect(balanceOf(baselineOf(balance), nothingSpent)).toEqual(balance)
  expect(baselineOf({ ...balance, amount: '1e9' })).toMatchObject({ amount: null, source: 'known' })
})
