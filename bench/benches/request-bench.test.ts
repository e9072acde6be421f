import { expect, test } from 'vitest'
import { row, verdict } from './request-bench.mjs'

test('verdict reports a promise with its figure as kept, missed or not measured', () => {
  expect(verdict({ what: 'a / b', ratio: 1.501, atMost: 1.5 })).toBe(
    'a / b: 1.50 (promised at most 1.5: MISSED)',
  )
  expect(verdict({ what: 'a / b', ratio: 1.4, atMost: 1.5 })).toBe('a / b: 1.40 (promised at most 1.5: kept)')
  expect(verdict({ what: 'a / b', ratio: 14, atLeast: 15 })).toBe(
    'a / b: 14.00 (promised at least 15: MISSED)',
  )
  expect(verdict({ what: 'leaks', ratio: 2, atMost: 0 })).toBe('leaks: 2 (promised at most 0: MISSED)')
  expect(verdict({ what: 'a / b', ratio: Number.NaN, atMost: 1 })).toBe('a / b: not measured in this run')
})

test('a row without its own process shows no CPU', () => {
  const nothing = { median: Number.NaN, min: Number.NaN, max: Number.NaN }
  const perSecond = { median: 1000.4, min: 900, max: 1100 }
  const figure = { name: 'direct', cpuUs: nothing, perSecond, timesFloor: Number.NaN }
  expect(row(figure)).toEqual(['direct', '-', '-', '-', '1000', '900-1100'])
})
