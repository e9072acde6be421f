import { expect, it } from 'vitest'
import { requestIds } from './request-ids.js'

const runtime = (draw: number) => ({ now: () => 1_790_000_000_000, random: () => draw })

it('a request id of the client is kept when it is safe', () => {
  const idFor = requestIds(runtime(0.5))
  for (const id of ['abc', '0b5d5a4c-4c5e-4f6e-9c40-7d0cf2b4f9aa', 'trace:1.2_3-4', 'x'.repeat(128)]) {
    expect(idFor(id)).toBe(id)
  }
})

it('a request id of the client is replaced when it is too long or could break a log line or a header', () => {
  const idFor = requestIds(runtime(0.5))
  for (const id of ['', 'x'.repeat(129), 'a b', 'a\nb', 'a\r\nset-cookie: x', '<script>', 'é', '{"a":1}']) {
    expect(idFor(id)).not.toBe(id)
  }
})

it('new request ids differ within a process and between processes, and are safe themselves', () => {
  const one = requestIds(runtime(0.1))
  const other = requestIds(runtime(0.2))
  const ids = new Set([one(undefined), one(undefined), other(undefined), other(undefined)])
  expect(ids.size).toBe(4)
  for (const id of ids) expect(id).toMatch(/^[\w.:-]{1,40}$/)
})
