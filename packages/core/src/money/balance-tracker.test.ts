import { describe, expect, it } from 'vitest'
import type { Baseline } from './balance-estimate.js'
import { BalanceTracker } from './balance-tracker.js'
import { parseMoney } from './decimal.js'

const baseline = (amount: string | null, charged?: string): Baseline => {
  const whole = amount === null ? null : parseMoney(amount)
  const recharged = charged === undefined ? null : parseMoney(charged)
  return {
    source: 'estimated',
    amount: whole,
    funds: whole === null || recharged === null ? null : { charged: recharged, gift: whole - recharged },
    currency: 'CNY',
    at: 100,
  }
}

const yuan = (cost: string | null, isCharged = false) => ({
  cost: cost === null ? null : parseMoney(cost),
  isCharged,
})

describe('a balance tracker', () => {
  it('estimates the balance: the baseline less what was charged', () => {
    const tracker = new BalanceTracker(baseline('10'))
    tracker.charge(yuan('0.25'), 200)
    tracker.charge(yuan(null), 300)
    tracker.charge(yuan('1', true), 400)
    expect(tracker.balance).toMatchObject({ amount: '8.75', source: 'estimated', at: 100 })
    expect(tracker.funds).toBe(8.75)
    expect(tracker.spent).toEqual({ any: parseMoney('0.25'), charged: parseMoney('1'), unknown: 1 })
    expect(new BalanceTracker(baseline(null)).funds).toBeNull()
  })

  it('gives the store what was spent here, once, and takes over what all processes have spent', () => {
    const tracker = new BalanceTracker(baseline('10'), { any: parseMoney('1'), charged: 0n, unknown: 0 })
    expect([tracker.hasUnsaved, tracker.takeUnsaved()]).toEqual([false, null])
    tracker.charge(yuan('1'), 200)
    expect(tracker.takeUnsaved()).toMatchObject({ any: parseMoney('1') })
    tracker.charge(yuan('1'), 200)
    expect(tracker.balance.amount).toBe('7.00')
    tracker.saved({ any: parseMoney('5'), charged: 0n, unknown: 0 }, 300)
    expect(tracker.balance.amount).toBe('4.00')
    expect(tracker.takeUnsaved()).toMatchObject({ any: parseMoney('1') })
    tracker.saveFailed()
    expect(tracker.takeUnsaved()).toMatchObject({ any: parseMoney('1') })
  })

  it('takes over what other processes spent, but not while the store is adding', () => {
    const tracker = new BalanceTracker(baseline('10'), { any: 0n, charged: 0n, unknown: 0 })
    tracker.read({ any: parseMoney('2'), charged: 0n, unknown: 0 }, 200)
    tracker.read({ any: parseMoney('1'), charged: 0n, unknown: 0 }, 200)
    expect(tracker.balance.amount).toBe('8.00')
    tracker.charge(yuan('1'), 200)
    tracker.takeUnsaved()
    tracker.read({ any: parseMoney('3'), charged: 0n, unknown: 0 }, 200)
    expect(tracker.balance.amount).toBe('7.00')
  })

  it('says since when nothing should be left, for each kind of money', () => {
    const tracker = new BalanceTracker(baseline('3', '1'))
    expect([tracker.emptySince('any'), tracker.emptySince('charged')]).toEqual([null, null])
    tracker.charge(yuan('1', true), 200)
    tracker.charge(yuan('1', true), 250)
    expect([tracker.emptySince('any'), tracker.emptySince('charged')]).toEqual([null, 200])
    tracker.charge(yuan('2'), 300)
    expect([tracker.emptySince('any'), tracker.emptySince('charged')]).toEqual([300, 200])
    expect(new BalanceTracker(baseline('0')).emptySince('charged')).toBe(100)
  })
})
