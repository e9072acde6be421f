import type { Fault } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import type { Timeouts } from '../options.js'
import { rawUpstream } from '../testing/raw-upstream.js'
import { dataOf, model, readAll, type SimulatedPool, simulatedPool } from '../testing/simulated-pool.js'

/** Short enough to wait for; the tests never ask how long a thing took. */
const short = 60

async function faulty(fault: Fault, timeouts: Partial<Timeouts> = {}): Promise<SimulatedPool> {
  const upstream = await simulatedPool({ pool: { timeouts } })
  upstream.simulator.faults.add({ when: { account: 'account-1' }, fault })
  return upstream
}

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
    ['before the head', { kind: 'hang', at: 'before-headers' }, { firstByte: short }],
    ['after the head', { kind: 'hang', at: 'after-headers' }, { idle: short }],
    ['behind the preamble', { kind: 'hang', at: 'mid-body', afterEvents: 1 }, { idle: short }],
    ['without output', { kind: 'hang', at: 'mid-body', afterEvents: 1 }, { firstOutput: short }],
  ])('%s: the next key answers the stream', async (_when, fault, timeouts) => {
    const upstream = await faulty(fault, timeouts)
    const { text, error } = await readAll(await upstream.stream())
    expect(error).toBeNull()
    expect(dataOf(text).at(-1)).toBe('[DONE]')
    expect(upstream.usedKeys).toEqual([0, 1])
    expect(upstream.health).toEqual([`timeout on ${model}`, 'ready'])
    await expect.poll(() => upstream.calls[0]?.abortedAt).toBeGreaterThan(0)
  })

  it.each<[string, Fault, Partial<Timeouts>]>([
    ['before the head', { kind: 'hang', at: 'before-headers' }, { firstByte: short }],
    ['in the body', { kind: 'hang', at: 'mid-body' }, { idle: short }],
  ])('%s: the next key answers in JSON', async (_when, fault, timeouts) => {
    const upstream = await faulty(fault, timeouts)
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.health).toEqual([`timeout on ${model}`, 'ready'])
  })

  it('after output: the client is told, and nothing is tried again', async () => {
    const upstream = await faulty({ kind: 'hang', at: 'mid-body' }, { idle: short })
    const { text, error } = await readAll(await upstream.stream())
    expect(text).toContain('nothing more came in time')
    expect(text).not.toContain('[DONE]')
    expect(error).toMatchObject({ code: 'stream_interrupted' })
    expect(upstream.calls).toHaveLength(1)
    await expect.poll(() => upstream.calls[0]?.abortedAt).toBeGreaterThan(0)
  })

  it('a pause that is shorter is no hang', async () => {
    const upstream = await faulty({ kind: 'delay', at: 'mid-body', ms: 50 }, { idle: 5_000 })
    expect((await readAll(await upstream.stream())).error).toBeNull()
    expect(upstream.usedKeys).toEqual([0])
  })
})

describe('when no key does better', () => {
  it('nobody listens: 502 after a few tries, no key the worse for it', async () => {
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

  it('every call hangs: 504, every upstream call let go', async () => {
    const upstream = await simulatedPool({ keys: 3, pool: { timeouts: { firstByte: short } } })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const response = await upstream.chat()
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({
      error: { code: 'upstream_timeout', message: expect.stringContaining('no answer in time') },
    })
    await expect.poll(() => upstream.calls.every(({ abortedAt }) => abortedAt !== undefined)).toBe(true)
  })

  it('the time for the whole request is over: 504, with no further attempt', async () => {
    const upstream = await simulatedPool({
      keys: 5,
      pool: { timeouts: { total: 2 * short, firstByte: 10_000 } },
    })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const response = await upstream.chat()
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringContaining('the time for the whole request is over') },
    })
    expect(upstream.calls).toHaveLength(1)
  })

  it('the whole includes all attempts', async () => {
    const upstream = await simulatedPool({
      keys: 50,
      pool: { timeouts: { total: 5 * short, firstByte: short } },
    })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const response = await upstream.chat()
    expect(response.status).toBe(504)
    expect(upstream.calls.length).toBeLessThanOrEqual(6)
  })
})

it('a connection that never comes about is given up', async () => {
  // Takes the connection but never finishes a TLS handshake, which an https client waits for.
  const deaf = await rawUpstream(() => {})
  const upstream = await simulatedPool({
    pool: { baseURL: deaf.origin.replace('http:', 'https:'), timeouts: { connect: short } },
  })
  const response = await upstream.chat()
  expect(response.status).toBe(502)
  expect(await response.json()).toMatchObject({
    error: {
      code: 'upstream_unreachable',
      message: expect.stringMatching(/no connection in time|Connect Timeout/),
    },
  })
  expect(upstream.health).toEqual(['ready', 'ready'])
})
