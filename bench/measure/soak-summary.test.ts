import { expect, test } from 'vitest'
import { leaveTimes, memoryTrend, violationsOf } from './soak-summary.mjs'

const upstream = { brokenAfterOutput: [1, 2], emptied: [7, 8, 7], askedAgain: [] }
const load = { violations: {}, interrupted: [1, 2], empty: [7] }

test('interruptions caused by the upstream and answers that were empty twice are not violations', () => {
  expect(violationsOf(load, upstream)).toEqual({})
})

test('contradictions between the two soak reports are counted beside the violations of the load', () => {
  const violations = { lost: { count: 1, samples: ['stream 9: …'] } }
  const seen = { violations, interrupted: [1, 3], empty: [7, 8] }
  expect(violationsOf(seen, { ...upstream, askedAgain: [4] })).toEqual({
    lost: { count: 1, samples: ['stream 9: …'] },
    'interrupted without a fault': { count: 1, samples: ['stream 3'] },
    'empty too soon': { count: 1, samples: ['stream 8'] },
    'asked again after output': { count: 1, samples: ['stream 4'] },
  })
})

test('leaveTimes matches leaving and close by stream, and ignores closes with other causes', () => {
  const left = [1, 2, 3, 4].map((id) => ({ id, atUs: 1000 }))
  const closed = [
    { id: 2, atUs: 500 },
    { id: 1, atUs: 2000 },
    { id: 2, atUs: 4000 },
    { id: 9, atUs: 4000 },
    { id: 3, atUs: 6000 },
  ]
  expect(leaveTimes({ left }, { closed })).toEqual({ count: 3, notFound: 1, p50Ms: 3, p99Ms: 5, maxMs: 5 })
})

test('memoryTrend starts after the first minute, or after half of a short soak', () => {
  const samples = [0, 0.5, 1, 2, 3].map((at) => ({ at, value: at < 1 ? 10 : 1000 + at * 10 }))
  expect(memoryTrend(samples)).toMatchObject({ minKB: 1010, maxKB: 1030, samples })
  expect(memoryTrend(samples)?.perMinuteKB).toBeCloseTo(10)
  expect(memoryTrend(samples)?.perMinuteShare).toBeCloseTo(10 / 1020)
  expect(memoryTrend(samples.slice(0, 3))?.perMinuteKB).toBeCloseTo(2000)
  expect(memoryTrend([])).toBeNull()
})
