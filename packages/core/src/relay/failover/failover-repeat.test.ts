import { PassThrough, Readable } from 'node:stream'
import type { OutcomeFault } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import { fakeRuntime } from '../../testing/fake-runtime.js'
import { rawUpstream } from '../../testing/raw-upstream.js'
import { model, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'
import { webSink } from '../client/web-sink.js'
import type { RelayReport } from '../report.js'
import type { Body } from '../request/body.js'
import { createCall } from '../request/call.js'

async function faulty(fault: OutcomeFault): Promise<SimulatedPool> {
  const upstream = await simulatedPool()
  upstream.simulator.faults.add({ times: 1, fault })
  return upstream
}

const reset = { kind: 'reset', at: 'before-headers', executed: true } as const
const image = { model: 'Qwen/Qwen-Image', prompt: 'a cat' }

/** Calls that cost too much, or make two of something, when they run twice. */
const precious: [string, unknown][] = [
  ['/images/generations', image],
  ['/video/submit', { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'a cat' }],
  ['/files', { purpose: 'batch' }],
  ['/batches', { input_file_id: 'file-x', endpoint: '/v1/chat/completions' }],
  ['/uploads/audio/voice', { model, customName: 'x', text: 'x', audio: 'data:audio/wav;base64,AAAA' }],
  ['/audio/voice/deletions', { uri: 'speech:x' }],
  ['/responses', { model, input: 'x' }],
  ['/unheard-of', {}],
]

/** Calls that may run twice as long as the first was not seen. */
const repeatable: [string, unknown][] = [
  ['/chat/completions', { model, messages: [{ role: 'user', content: 'x' }] }],
  ['/completions', { model: 'Qwen/Qwen2.5-Coder-7B-Instruct', prompt: 'x' }],
  ['/messages', { model, max_tokens: 9, messages: [{ role: 'user', content: 'x' }] }],
  ['/embeddings', { model: 'BAAI/bge-m3', input: 'x' }],
  ['/rerank', { model: 'BAAI/bge-reranker-v2-m3', query: 'x', documents: ['x'] }],
  [
    '/audio/speech',
    { model: 'FunAudioLLM/CosyVoice2-0.5B', input: 'x', voice: 'FunAudioLLM/CosyVoice2-0.5B:alex' },
  ],
]

describe('a call that may have run', () => {
  it.each(precious)('is not repeated on POST %s', async (path, body) => {
    const upstream = await faulty(reset)
    const response = await upstream.ask(path, body)
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_unreachable' } })
    expect(upstream.usedKeys).toEqual([0])
  })

  it.each(repeatable)('is repeated on POST %s', async (path, body) => {
    const upstream = await faulty(reset)
    expect((await upstream.ask(path, body)).status).toBe(200)
    expect(upstream.usedKeys).toEqual([0, 1])
  })

  it('is repeated when it only reads, and not when it deletes or changes', async () => {
    for (const [method, calls] of [
      ['GET', 2],
      ['HEAD', 2],
      ['DELETE', 1],
      ['PUT', 1],
      ['PATCH', 1],
    ] as const) {
      const upstream = await faulty(reset)
      await upstream.ask('/models', undefined, { method })
      expect(upstream.calls, method).toHaveLength(calls)
    }
  })

  it.each(['unknown-error', 'bad-gateway-html', 'gateway-timeout-empty', 'client-closed'] as const)(
    'has an answer that says so little that a precious one is not repeated: %s',
    async (name) => {
      const upstream = await faulty({ kind: 'error', name })
      const response = await upstream.ask('/images/generations', image)
      expect(response.status).toBeGreaterThanOrEqual(499)
      expect(upstream.calls).toHaveLength(1)
    },
  )
})

describe('a call that surely has not run', () => {
  it.each(['rate-limit-ipm', 'token-invalid', 'insufficient-balance', 'overloaded', 'wrong-tier'] as const)(
    'is repeated, however precious: %s',
    async (name) => {
      for (const [path, body] of [
        ['/images/generations', image],
        ['/files', { purpose: 'batch' }],
      ] as const) {
        const upstream = await faulty({ kind: 'error', name })
        await upstream.ask(path, body)
        expect(upstream.usedKeys).toEqual([0, 1])
      }
    },
  )
})

describe('a body that can be sent once', () => {
  const bytes = Buffer.from(
    JSON.stringify({ model, messages: [{ role: 'user', content: 'x'.repeat(100_000) }] }),
  )

  interface Sent {
    readonly response: Response
    readonly report: Promise<RelayReport>
  }

  async function send(
    { pool }: SimulatedPool,
    stream: Readable,
    head: Uint8Array = new Uint8Array(),
  ): Promise<Sent> {
    const body: Body = { stream, head }
    const headers = ['content-type', 'application/json']
    const { sink, response } = webSink()
    const call = createCall({ method: 'POST', path: '/chat/completions', headers, body }, pool.provider)
    const report = pool.relay(call, sink)
    return { response: await response, report }
  }

  /** In pieces, as a socket brings it. */
  function* pieces(from = 0): Generator<Buffer> {
    for (let at = from; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
  }

  it('arrives whole, what was read of it already first', async () => {
    const upstream = await simulatedPool()
    const { response } = await send(upstream, Readable.from(pieces(500)), bytes.subarray(0, 500))
    expect(response.status).toBe(200)
    expect(upstream.calls[0]).toMatchObject({ bodySize: bytes.length, model })
  })

  it.each(['token-invalid', 'insufficient-balance', 'rate-limit-rpm'] as const)(
    'gets one attempt, and an answer that does not blame the client: %s',
    async (name) => {
      const upstream = await faulty({ kind: 'error', name })
      const { response } = await send(upstream, Readable.from(pieces()))
      expect(response.status).toBe(502)
      expect(await response.json()).toMatchObject({
        error: { message: expect.stringMatching(/sent once only.*send the request again/) },
      })
      expect(upstream.calls).toHaveLength(1)
    },
  )

  it('gets the upstream’s answer when that concerns the request', async () => {
    const upstream = await faulty({ kind: 'error', name: 'prompt-too-long' })
    const { response } = await send(upstream, Readable.from(pieces()))
    expect(response.status).toBe(400)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('is not touched by an attempt that never reached the upstream, and so may go out with the next', async () => {
    const upstream = await simulatedPool()
    const rule = upstream.simulator.faults.add({ fault: { kind: 'refuse' } })
    await upstream.simulator.ready()
    upstream.pool.on('attempt-end', () => void upstream.simulator.faults.remove(rule))
    const { report } = await send(upstream, Readable.from(pieces()))
    const { attempts } = await report
    expect(attempts.length).toBeGreaterThan(1)
    expect(attempts[0]).toMatchObject({ outcome: 'network-error', status: null })
  })

  it('that breaks off on the client’s side blames no key', async () => {
    const upstream = await simulatedPool()
    let isSent = false
    const broken = new Readable({
      read() {
        if (isSent) this.destroy(new Error('the client hung up'))
        else this.push(bytes.subarray(0, 1000))
        isSent = true
      },
    })
    const { response, report } = await send(upstream, broken)
    expect(response.status).toBeGreaterThanOrEqual(400)
    expect((await report).outcome).toBe('aborted')
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('may take its time to come: the upstream has its own from the last piece on', async () => {
    const runtime = fakeRuntime()
    const raw = await rawUpstream(() => {})
    const timeouts = { firstByte: 1_000, firstOutput: 1_000 }
    const upstream = await simulatedPool({ runtime, pool: { baseURL: raw.origin, timeouts } })
    const stream = new PassThrough()
    const { response } = await sendSlowly()
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({ error: { param: 'timeouts.firstByte' } })

    async function sendSlowly(): Promise<Sent> {
      const sent = send(upstream, stream)
      for (const piece of ['first', 'second', 'third', 'fourth']) {
        stream.write(piece)
        await expect.poll(() => raw.connections[0]?.received, { interval: 1 }).toContain(piece)
        expect(raw.connections[0]?.isClosed).toBe(false)
        runtime.advance(900)
      }
      runtime.advance(100)
      return sent
    }
  })

  it('is left alone when the upstream answers early, so that the client’s connection lives', async () => {
    const upstream = await faulty({ kind: 'error', name: 'prompt-too-long' })
    const source = Readable.from(pieces())
    await send(upstream, source)
    expect(source.errored).toBeNull()
  })
})
