import { describe, expect, it, onTestFinished } from 'vitest'
import { KeyPool } from '../../pool.js'
import type { Candidate, Strategy } from '../../strategy/strategy.js'
import { fakeRuntime } from '../../testing/fake-runtime.js'
import { poolUnderTest } from '../../testing/pool-under-test.js'
import { RecordingSink } from '../../testing/recording-sink.js'
import { scriptedTransport } from '../../testing/scripted-transport.js'
import { simulatedPool } from '../../testing/simulated-pool.js'
import type { Transport, TransportHandler } from '../../transport/transport.js'
import type { Sink } from '../client/sink.js'
import type { RelayReport } from '../report.js'
import { createCall } from '../request/call.js'

/** Relays a GET into a sink. */
function relayInto(pool: KeyPool, sink: Sink, path = '/models'): Promise<RelayReport> {
  return pool.relay(createCall({ method: 'GET', path, headers: [], body: null }, pool.provider), sink)
}

/** A sink on a response that other code has answered already. */
function takenSink(): { sink: Sink; calls: string[] } {
  const calls: string[] = []
  const note = (name: string) => (): void => void calls.push(name)
  return {
    calls,
    sink: {
      attach: () => {},
      head: () => {
        throw new Error('headers were sent already')
      },
      data: () => calls.push('data') > 0,
      end: note('end'),
      fail: note('fail'),
    },
  }
}

describe('a sink that cannot take the head', () => {
  it.each(['an answer', 'an error of the upstream', 'an error of ours'] as const)(
    'gets no more of %s, and no key is blamed',
    async (what) => {
      const upstream = await simulatedPool({ pool: what === 'an error of ours' ? { keys: [] } : {} })
      if (what === 'an error of the upstream')
        upstream.simulator.faults.add({ fault: { kind: 'error', name: 'nsfw' } })
      const { sink, calls } = takenSink()
      expect(await relayInto(upstream.pool, sink)).toMatchObject({ outcome: 'aborted' })
      expect(calls[0]).toBe('fail')
      expect(calls).not.toContain('data')
      expect(new Set(upstream.health)).toEqual(
        new Set(upstream.keys.length > 0 && what !== 'an error of ours' ? ['ready'] : []),
      )
      expect(upstream.pool.stats().inFlight).toBe(0)
    },
  )

  it('takes the upstream call with it', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body' } })
    const { sink } = takenSink()
    const body = {
      bytes: Buffer.from(
        '{"model":"Qwen/Qwen2.5-72B-Instruct","stream":true,"messages":[{"role":"user","content":"Hi"}]}',
      ),
    }
    const call = createCall(
      { method: 'POST', path: '/chat/completions', headers: [], body },
      upstream.pool.provider,
    )
    expect(await upstream.pool.relay(call, sink)).toMatchObject({ outcome: 'aborted' })
    await expect.poll(() => upstream.calls[0]?.abortedAt).toBeGreaterThan(0)
  })
})

describe('a transport of another kind', () => {
  /** A pool of three over a transport that does what the test says. */
  function poolOver(dispatch: (handler: TransportHandler, attempt: number) => void): {
    pool: KeyPool
    aborts: () => number
  } {
    let [attempts, aborts] = [0, 0]
    const transport: Transport = {
      dispatch: (_request, handler) => {
        dispatch(handler, attempts++)
        return { pause: () => {}, resume: () => {}, abort: () => void aborts++ }
      },
      close: async () => {},
    }
    const pool = new KeyPool({
      keys: ['sk-fakefakefake1', 'sk-fakefakefake2', 'sk-fakefakefake3'],
      transport,
    })
    onTestFinished(() => pool.close())
    return { pool, aborts: () => aborts }
  }

  const ask = (pool: KeyPool): Promise<Response> => pool.fetch(`${pool.baseURL}/models`)

  it('may answer before it returns', async () => {
    const { pool } = poolOver((handler) => {
      handler.onSent()
      handler.onHead(200, ['content-type', 'text/plain'])
      handler.onData(Buffer.from('at once'))
      handler.onEnd()
    })
    expect(await (await ask(pool)).text()).toBe('at once')
  })

  it('that throws is one that could not be reached', async () => {
    const { pool } = poolOver(() => {
      throw new Error('out of sockets')
    })
    const response = await ask(pool)
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('could not be reached after 3 attempts: out of sockets')
    expect(pool.stats()).toMatchObject({ inFlight: 0, keys: { ready: 3 } })
  })

  it('may fail before it returns', async () => {
    const { pool } = poolOver((handler, attempt) => {
      if (attempt === 0) return handler.onError(new Error('no route'))
      handler.onSent()
      handler.onHead(204, [])
      handler.onEnd()
    })
    const response = await ask(pool)
    expect(response.status).toBe(204)
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
  })
})

describe('streams at their limits', () => {
  const headers = { 'content-type': 'text/event-stream' }
  const delta = (content: string): string =>
    `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`

  it.each<[string, string]>([
    ['an event of two megabytes', `${delta('世'.repeat(700_000))}data: [DONE]\n\n`],
    ['a preamble of a megabyte', `${': keep-alive\n\n'.repeat(80_000)}${delta('Hi')}data: [DONE]\n\n`],
    ['a last event without its blank line', `${delta('Hi')}data: [DONE]`],
    ['a last event with half its blank line', `${delta('Hi')}data: [DONE]\r\n`],
    ['a byte order mark', `\uFEFF${delta('Hi')}data: [DONE]\n\n`],
  ])('%s passes byte for byte', async (_what, body) => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body } })
    const response = await upstream.stream()
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(body))).toBe(true)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it.each<[string, string]>([
    ['nothing at all', ''],
    ['comments only', ': keep-alive\n\n: keep-alive\n\n'],
    ['half an event', 'data: {"choices":[{"delta":{"content":"Hi'],
    ['half an end mark', `data: [DON`],
  ])('%s is no answer, so the next key gives one', async (_what, body) => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ times: 1, fault: { kind: 'answer', status: 200, headers, body } })
    expect(await (await upstream.stream()).text()).toMatch(/"content":".+data: \[DONE\]\n\n$/s)
    expect(upstream.usedKeys).toEqual([0, 1])
  })

  it('a stream that is not read stops the upstream, until it is cancelled', async () => {
    const upstream = await simulatedPool()
    const response = await upstream.stream({ metadata: { sim_tokens: 200_000 } })
    const [call] = upstream.calls
    let sent = -1
    const isStill = (): boolean => {
      const before = sent
      sent = call?.responseBytes ?? 0
      return sent > 0 && sent === before
    }
    await expect.poll(isStill, { interval: 200, timeout: 120_000 }).toBe(true)
    expect(call?.eventCount).toBeLessThan(100_000)
    await response.body?.cancel()
    await expect.poll(() => call?.abortedAt).toBeGreaterThan(0)
  })
})

describe('a clock that is set back while a call runs', () => {
  it('makes no time in its report less than none, nor that of the first output', async () => {
    const runtime = fakeRuntime()
    const times: (number | null)[] = []
    let only: Candidate | undefined
    const strategy: Strategy = {
      add: (candidate) => {
        only = candidate
      },
      remove: () => {},
      pick: () => only,
      ended: (_candidate, { firstOutputMs }) => void times.push(firstOutputMs),
    }
    const headers = ['content-type', 'application/json']
    const onChunk = (): void => runtime.shiftClock(-3_600_000)
    const transport = scriptedTransport(() => ({ headers, chunks: [Buffer.from('{"data":[1]}')], onChunk }))
    const { pool } = await poolUnderTest({ keys: ['sk-fake-a'], strategy, transport, runtime })
    const report = await relayInto(pool, new RecordingSink())
    expect(report).toMatchObject({ status: 200, durationMs: 0, attempts: [{ durationMs: 0 }] })
    expect(times).toEqual([0])
  })
})

describe("a user's strategy that throws", () => {
  it('costs no request, and is reported once', async () => {
    const strategy = {
      add: () => {},
      remove: () => {},
      pick: () => {
        throw new TypeError('no score')
      },
    }
    const upstream = await simulatedPool({ pool: { strategy } })
    const faults: unknown[] = []
    upstream.pool.on('strategy-fault', (fault) => void faults.push(fault))
    for (let calls = 0; calls < 4; calls++) expect((await upstream.chat()).status).toBe(200)
    expect(upstream.usedKeys).toEqual([0, 1, 0, 1])
    expect(faults).toEqual([{ fault: 'threw', cause: expect.any(TypeError) }])
  })
})
