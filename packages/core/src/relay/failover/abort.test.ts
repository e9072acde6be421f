import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Fault } from '@sfpool/simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fakeRuntime } from '../../testing/fake-runtime.js'
import { rawUpstream } from '../../testing/raw-upstream.js'
import { model, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'
import { nodeSink } from '../client/node-sink.js'
import type { RelayReport } from '../report.js'
import { createCall } from '../request/call.js'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Waits for the upstream to have noticed that we left. */
const upstreamClosed = ({ calls }: SimulatedPool): Promise<void> =>
  expect.poll(() => calls.every(({ abortedAt }) => abortedAt !== undefined)).toBe(true)

describe('a client that leaves takes the upstream call with it, and no key is blamed', () => {
  it.each<[string, Fault]>([
    ['before the head', { kind: 'hang', at: 'before-headers' }],
    ['after the head', { kind: 'hang', at: 'after-headers' }],
    ['behind the preamble', { kind: 'hang', at: 'mid-body', afterEvents: 1 }],
    ['in the output', { kind: 'hang', at: 'mid-body' }],
  ])('%s of a stream, by its signal', async (_when, fault) => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault })
    const leaving = new AbortController()
    const reading = upstream.stream({}, { signal: leaving.signal }).then((response) => response.text())
    reading.catch(() => {})
    await expect.poll(() => upstream.calls.length).toBe(1)
    if (fault.kind === 'hang' && fault.at === 'mid-body') {
      await expect.poll(() => upstream.calls[0]?.eventCount).toBe(fault.afterEvents ?? 3)
    }
    leaving.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    await upstreamClosed(upstream)
    expect(upstream.calls).toHaveLength(1)
    expect(upstream.health).toEqual(['ready', 'ready'])
    expect(upstream.pool.stats()).toMatchObject({ inFlight: 0, failures: { aborted: 1 } })
  })

  it('by cancelling the body', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body' } })
    const response = await upstream.stream()
    await response.body?.cancel()
    await upstreamClosed(upstream)
    expect(upstream.pool.stats()).toMatchObject({ inFlight: 0, failures: { aborted: 1 } })
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('in the middle of JSON', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body' } })
    const leaving = new AbortController()
    const running = upstream.chat({}, { signal: leaving.signal })
    running.catch(() => {})
    await expect.poll(() => upstream.calls[0]?.status).toBe(200)
    leaving.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    await upstreamClosed(upstream)
  })

  it('between two attempts: there is no second', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'token-invalid' } })
    const leaving = new AbortController()
    upstream.pool.on('attempt-end', () => leaving.abort())
    await expect(upstream.chat({}, { signal: leaving.signal })).rejects.toMatchObject({ name: 'AbortError' })
    await expect.poll(() => upstream.pool.stats().requests).toBe(1)
    expect(upstream.calls).toHaveLength(1)
  })

  it('before it was connected: no attempt outlives it', async () => {
    const deaf = await rawUpstream(() => {})
    const baseURL = deaf.origin.replace('http:', 'https:')
    const limits = { models: { '*': { RPM: 1 } } }
    const upstream = await simulatedPool({ keys: 1, pool: { baseURL, limits, queue: { limit: 0 } } })
    const leaving = new AbortController()
    const running = upstream.chat({}, { signal: leaving.signal })
    running.catch(() => {})
    await expect.poll(() => deaf.connections.length).toBe(1)
    leaving.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    expect(upstream.pool.stats().inFlight).toBe(0)
    await expect.poll(() => deaf.connections[0]?.isClosed).toBe(true)
    expect(deaf.connections).toHaveLength(1)
    // It never ran, so it has used nothing of the limit.
    using lease = await upstream.pool.acquire({ model: 'Qwen/Qwen2.5-72B-Instruct' })
    expect(lease.model).not.toBe('')
  })

  it('a hundred at once, and the next call is served as ever', async () => {
    const upstream = await simulatedPool()
    const rule = upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body' } })
    const leaving = new AbortController()
    const running = Array.from({ length: 100 }, () => upstream.stream({}, { signal: leaving.signal }))
    await Promise.all(running)
    leaving.abort()
    await upstreamClosed(upstream)
    upstream.simulator.faults.remove(rule)
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.pool.stats().inFlight).toBe(0)
  })
})

describe('through a server', () => {
  interface Served {
    readonly port: number
    readonly reports: RelayReport[]
  }

  /** A server that relays whatever it is asked to the pool. */
  async function serve({ pool }: SimulatedPool): Promise<Served> {
    const reports: RelayReport[] = []
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const { method = 'GET', url: path = '/', rawHeaders: headers } = request
        const body = chunks.length === 0 ? null : { bytes: Buffer.concat(chunks) }
        const call = createCall({ method, path, headers, body, requestId: 'r-1' }, pool.provider)
        void pool.relay(call, nodeSink(response)).then((report) => reports.push(report))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    return { port: (server.address() as AddressInfo).port, reports }
  }

  /** Asks for a stream and hands out the answer unread. */
  function ask(port: number, fields: object = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asking = httpRequest(
        { port, host: '127.0.0.1', method: 'POST', path: '/chat/completions' },
        resolve,
      )
      asking.on('error', reject)
      asking.end(
        JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hi' }], ...fields }),
      )
    })
  }

  const endless = { metadata: { sim_tokens: 200_000 } }

  it('a stream arrives, and is reported', async () => {
    const upstream = await simulatedPool()
    const { port, reports } = await serve(upstream)
    const answer = await ask(port)
    const text = Buffer.concat(await answer.toArray()).toString()
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'x-sfpool-attempts': '1',
      'x-request-id': 'r-1',
    })
    expect(reports).toEqual([
      expect.objectContaining({
        requestId: 'r-1',
        status: 200,
        model,
        outcome: 'success',
        bytes: Buffer.byteLength(text),
        error: null,
        attempts: [expect.objectContaining({ outcome: 'success', status: 200 })],
      }),
    ])
  })

  it('a client that vanishes takes the upstream call with it', async () => {
    const upstream = await simulatedPool()
    const { port, reports } = await serve(upstream)
    const answer = await ask(port, endless)
    answer.once('data', () => answer.destroy())
    await upstreamClosed(upstream)
    await expect
      .poll(() => reports)
      .toEqual([expect.objectContaining({ status: 499, outcome: 'aborted', error: null })])
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('a client that reads slowly holds the upstream back, for as long as it likes', async () => {
    const runtime = fakeRuntime()
    const upstream = await simulatedPool({ runtime })
    const { port } = await serve(upstream)
    const answer = await ask(port, endless)
    answer.pause()
    const [call] = upstream.calls
    let sent = -1
    let looks = 0
    // Until ten looks see the same, the sockets in between are still filling, on a busy machine for a while.
    const isStill = (): boolean => {
      const before = sent
      sent = call?.responseBytes ?? 0
      looks = sent > 0 && sent === before ? looks + 1 : 0
      return looks >= 10
    }
    await expect.poll(isStill, { interval: 100, timeout: 120_000 }).toBe(true)
    expect(call?.eventCount).toBeLessThan(endless.metadata.sim_tokens / 2)
    runtime.advance(24 * 60 * 60_000)
    await nextTurn()
    expect(call?.abortedAt).toBeUndefined()
    const whole = Buffer.concat(await answer.toArray())
    expect(whole.subarray(-14).toString()).toBe('data: [DONE]\n\n')
  })

  it('a stream that broke off ends without the mark of an end', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'close', at: 'mid-body' } })
    const { port, reports } = await serve(upstream)
    const answer = await ask(port)
    let text = ''
    answer.on('data', (chunk: Buffer) => {
      text += chunk
    })
    await new Promise((resolve) => answer.on('close', resolve))
    expect(answer.complete).toBe(false)
    expect(text).toMatch(/data: \{"error":\{"message":"The upstream broke off.*\}\}\n\n$/)
    expect(reports[0]).toMatchObject({
      status: 200,
      outcome: 'truncated',
      error: { code: 'stream_interrupted' },
    })
  })
})
