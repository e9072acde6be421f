import { describe, expect, it } from 'vitest'
import { parseMoney } from './decimal.js'
import { type Trend, trendOf } from './trend.js'

const today = 20_000
const day = (before: number, cost: string) => ({ day: today - before, cost: parseMoney(cost) })
const none: Trend = { dailyCost: null, days: 0, daysLeft: null }

describe('the trend of an account', () => {
  it('is the average of the days with spending, today left out because it is not over', () => {
    const spending = [day(0, '100'), day(1, '2'), day(2, '0'), day(5, '4')]
    expect(trendOf(spending, today, parseMoney('10'))).toEqual({
      dailyCost: parseMoney('3'),
      days: 2,
      daysLeft: 3.3,
    })
  })

  it('is the spending of today where there is no other day', () => {
    expect(trendOf([day(0, '0.5')], today, parseMoney('10'))).toEqual({
      dailyCost: parseMoney('0.5'),
      days: 1,
      daysLeft: 20,
    })
  })

  it('is taken of the last seven days with spending, and of none older than thirty', () => {
    const spending = Array.from({ length: 20 }, (_, before) => day(before, before < 8 ? '1' : '1000'))
    expect(trendOf(spending, today, null)).toEqual({ dailyCost: parseMoney('1'), days: 7, daysLeft: null })
    expect(trendOf([day(30, '1')], today, parseMoney('1'))).toEqual(none)
    expect(trendOf([day(29, '1')], today, parseMoney('1')).days).toBe(1)
  })

  it('is unknown where nothing was spent', () => {
    expect(trendOf([], today, parseMoney('10'))).toEqual(none)
    expect(trendOf([day(3, '0')], today, parseMoney('10'))).toEqual(none)
  })

  it('leaves an account in debt no days', () => {
    expect(trendOf([day(1, '1')], today, parseMoney('-3')).daysLeft).toBe(0)
  })
})
