import { expect, it } from 'vitest'
import { ByteBudget } from './byte-budget.js'

it('a byte budget gives four fifths to whoever asks and the rest to those who may use the reserve', () => {
  const budget = new ByteBudget(1000)
  expect(budget.take(800)).toBe(true)
  expect(budget.take(1)).toBe(false)
  expect(budget.takeReserved(200)).toBe(true)
  expect(budget.takeReserved(1)).toBe(false)
  expect(budget.used).toBe(1000)
})

it('bytes that are given back to a byte budget can be taken again', () => {
  const budget = new ByteBudget(1000)
  budget.take(800)
  budget.give(800)
  expect([budget.used, budget.take(800)]).toEqual([0, true])
})

it('a refused request takes nothing from a byte budget', () => {
  const budget = new ByteBudget(1000)
  expect([budget.take(801), budget.takeReserved(1001), budget.used]).toEqual([false, false, 0])
})

it('bytes that are there already are counted above the limit, too', () => {
  const budget = new ByteBudget(1000)
  budget.count(1500)
  expect([budget.used, budget.takeReserved(1)]).toEqual([1500, false])
})
