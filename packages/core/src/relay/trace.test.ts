import { expect, it } from 'vitest'
import { traceHeader } from './trace.js'

const attempt = {
  key: 'key_0123456789abcdef',
  account: 'canary-account',
  outcome: 'insufficient-balance',
  status: 403,
  durationMs: 12_345,
} as const

it('a trace header is JSON in ASCII for any name of a model', () => {
  const text = traceHeader({ model: '模型\n"x"', waitedMs: 3, isRepeatable: true, attempts: [attempt] })
  expect(text).toMatch(/^[ -~]+$/)
  const { account: _, ...shown } = attempt
  expect(JSON.parse(text)).toEqual({ model: '模型\n"x"', waitedMs: 3, attempts: [shown] })
})

it('a trace header says when the body could be sent only once', () => {
  const text = traceHeader({ model: '', waitedMs: 0, isRepeatable: false, attempts: [] })
  expect(JSON.parse(text)).toEqual({ model: '', waitedMs: 0, isRepeatable: false, attempts: [] })
})

it('a trace header keeps the last attempts when there are too many, and counts those it leaves out', () => {
  const attempts = Array.from({ length: 1_000 }, (_, durationMs) => ({ ...attempt, durationMs }))
  const text = traceHeader({ model: '', waitedMs: 0, isRepeatable: true, attempts })
  expect(text.length).toBeLessThan(6_000)
  const trace = JSON.parse(text)
  expect(trace).toMatchObject({
    omitted: 950,
    attempts: [{ durationMs: 950 }, ...Array(48).fill({}), { durationMs: 999 }],
  })
})
