import type { Fault } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import { type FakeRuntime, fakeRuntime } from '../../testing/fake-runtime.js'
import { hurry } from '../../testing/hurry.js'
import { rawUpstream } from '../../testing/raw-upstream.js'
import { dataOf, model, readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'
import type { Timeouts } from '../attempt/timeouts.js'

interface Slow extends SimulatedPool {
  readonly runtime: FakeRuntime
}

/** A pool on a clock of its own. */
async function slow(keys: number, timeouts: Partial<Timeouts>): Promise<Slow> {
  const runtime = fakeRuntime()
  const upstream = await simulatedPool({ keys, runtime, pool: { timeouts } })
  return Object.defineProperties({ runtime }, Object.getOwnPropertyDescriptors(upstream)) as Slow
}

/** Of two keys the first meets a fault. */
async function faulty(fault: Fault, timeouts: Partial<Timeouts> = {}): Promise<Slow> {
  const upstream = await slow(2, timeouts)
  upstream.simulator.faults.add({ when: { account: 'account-1' }, fault })
  return upstream
}

/** Reads an answer to its end, while time passes as long as the first call hangs. */
async function outlast(upstream: Slow, answer: Promise<Response>): ReturnType<typeof readAll> {
  const isStuck = (): boolean => upstream.calls.length < 2 && upstream.calls[0]?.abortedAt === undefined
  return hurry(answer.then(readAll), upstream.runtime, isStuck)
}

const second = 1_000

describe('a call that is lost before anything was seen is made again with the next key', () => {
  it.each<[string, string, Fault]>([
    ['network', 'reset before the head', { kind: 'reset', at: 'before-headers' }],
    ['network', 'closed before the head', { kind: 'close', at: 'before-headers' }],
    ['truncated', 'reset after the head', { kind: 'reset', at: 'after-headers' }],
    ['truncated', 'closed after the head', { kind: 'close', at: 'after-headers' }],
  ])('%s: a stream that is %s', async (reason, _what, fault) => {
    const upstream = await faulty(fault)
    const { text, error } = await readAll(await upstream.stream())
    expect(error).toBeNull()
    expect(dataOf(text).at(-1)).toBe('[DONE]')
    expect(upstream.usedKeys).toEqual([0, 1])
    expect(upstream.health).toEqual([`${reason} on ${model}`, 'ready'])
  })

  it('when the very connection is reset as soon as it is there', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ times: 1, fault: { kind: 'reset', at: 'connect' } })
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.usedKeys).toEqual([1])
  })
})

describe('a call that hangs is given up when its phase has lasted too long', () => {
  it.each<[string, Fault, Partial<Timeouts>]>([
    ['before the head', { kind: 'hang', at: 'before-headers' }, { firstByte: second }],
    ['after the head', { kind: 'hang', at: 'after-headers' }, { idle: second }],
    ['behind the preamble', { kind: 'hang', at: 'mid-body', afterEvents: 1 }, { idle: second }],
    ['without output', { kind: 'hang', at: 'mid-body', afterEvents: 1 }, { firstOutput: second }],
  ])('%s: the next key answers the stream', async (_when, fault, timeouts) => {
    const upstream = await faulty(fault, timeouts)
    const { text, error } = await outlast(upstream, upstream.stream())
    expect(error).toBeNull()
    expect(dataOf(text).at(-1)).toBe('[DONE]')
    expect(upstream.usedKeys).toEqual([0, 1])
    expect(upstream.health).toEqual([`timeout on ${model}`, 'ready'])
    await expect.poll(() => upstream.calls[0]?.abortedAt).toBeGreaterThan(0)
  })

  it.each<[string, Fault, Partial<Timeouts>]>([
    ['before the head', { kind: 'hang', at: 'before-headers' }, { firstByte: second }],
    ['in the body', { kind: 'hang', at: 'mid-body' }, { idle: second }],
  ])('%s: the next key answers in JSON', async (_when, fault, timeouts) => {
    const upstream = await faulty(fault, timeouts)
    expect((await outlast(upstream, upstream.chat())).text).toContain('"finish_reason":"stop"')
    expect(upstream.health).toEqual([`timeout on ${model}`, 'ready'])
  })

  it('after output: the client gets an error, and nothing is tried again', async () => {
    const upstream = await faulty({ kind: 'hang', at: 'mid-body' }, { idle: second })
    const { text, error } = await outlast(upstream, upstream.stream())
    expect(text).toContain('nothing more came in time')
    expect(text).toContain('"param":"timeouts.idle"')
    expect(text).not.toContain('[DONE]')
    expect(error).toMatchObject({ code: 'stream_interrupted' })
    expect(upstream.calls).toHaveLength(1)
    await expect.poll(() => upstream.calls[0]?.abortedAt).toBeGreaterThan(0)
  })

  it('silence is no hang while it is shorter than the limit', async () => {
    const upstream = await faulty({ kind: 'delay', at: 'mid-body', ms: 50 }, { idle: second })
    const answer = upstream.stream()
    await expect.poll(() => upstream.calls[0]?.eventCount).toBe(3)
    upstream.runtime.advance(second - 1)
    expect((await readAll(await answer)).error).toBeNull()
    expect(upstream.usedKeys).toEqual([0])
  })
})

describe('when no key does better', () => {
  it('a closed port: 502 after a few tries, and no key is blamed', async () => {
    const upstream = await simulatedPool({ keys: 10 })
    upstream.simulator.faults.add({ fault: { kind: 'refuse' } })
    await upstream.simulator.ready()
    const response = await upstream.chat()
    expect(response.status).toBe(502)
    expect(response.headers.get('x-sfpool-attempts')).toBe('3')
    expect(await response.json()).toMatchObject({
      error: {
        code: 'upstream_unreachable',
        type: 'server_error',
        message: expect.stringContaining('ECONNREFUSED'),
      },
    })
    expect(new Set(upstream.health)).toEqual(new Set(['ready']))
  })

  it.each<[string, Partial<Timeouts>, number, string]>([
    ['every call hangs', { firstByte: second }, 3, 'no answer in time'],
    [
      'the time for the whole is over in the first',
      { total: second },
      1,
      'the time for the whole request is over',
    ],
    [
      'the time for the whole is over in the second',
      { total: 1.5 * second, firstByte: second },
      2,
      'the time for the whole',
    ],
  ])('%s: 504, every upstream call let go', async (_what, timeouts, calls, words) => {
    const upstream = await slow(3, timeouts)
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const response = await hurry(upstream.chat(), upstream.runtime)
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({
      error: {
        code: 'upstream_timeout',
        message: expect.stringContaining(words),
        param: timeouts.total === undefined ? 'timeouts.firstByte' : 'timeouts.total',
      },
    })
    expect(upstream.calls).toHaveLength(calls)
    await expect.poll(() => upstream.calls.every(({ abortedAt }) => abortedAt !== undefined)).toBe(true)
  })
})

it.each<[string, Fault, Partial<Timeouts>, string]>([
  ['of its answer', { kind: 'hang', at: 'after-headers' }, { idle: second }, 'timeouts.idle'],
  [
    'of its output',
    { kind: 'hang', at: 'mid-body', afterEvents: 1 },
    { firstOutput: second },
    'timeouts.firstOutput',
  ],
])(
  'a stream whose upstreams all hang in the middle %s: 504 by the name of the timer',
  async (_where, fault, timeouts, param) => {
    const upstream = await slow(2, timeouts)
    upstream.simulator.faults.add({ fault })
    const response = await hurry(upstream.stream(), upstream.runtime)
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_timeout', param } })
  },
)

it('a connection that never comes about is given up', async () => {
  // Takes the connection but never finishes a TLS handshake, which an https client waits for.
  const deaf = await rawUpstream(() => {})
  const upstream = await simulatedPool({
    pool: { baseURL: deaf.origin.replace('http:', 'https:'), timeouts: { connect: 60 } },
  })
  const response = await upstream.chat()
  expect(response.status).toBe(502)
  expect(await response.json()).toMatchObject({
    error: {
      code: 'upstream_unreachable',
      message: expect.stringContaining('no connection in time'),
      param: 'timeouts.connect',
    },
  })
  expect(upstream.health).toEqual(['ready', 'ready'])
})
