import { expect, it } from 'vitest'
import { moneyDay } from './money-day.mjs'

it('without a balance endpoint, a pool finds each empty account by one refusal and its estimates are right', async () => {
  const found = await moneyDay({ seed: 11, hours: 24, callsPerHour: 40 })
  expect(found.found).toBeGreaterThan(3)
  expect(found.refusals).toBe(found.found + found.trials + found.underWay)
  expect(found.wasted).toBe(0)
  expect(found.unnoticed).toBe(0)
  expect(found.worstError).toBeLessThan(0.01)
  expect(found.ledgerError).toBeLessThan(0.01)
  expect(found.served / found.calls).toBeGreaterThan(0.99)
})
