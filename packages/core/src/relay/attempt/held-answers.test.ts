import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { KeyPool } from '../../pool.js'
import type { PoolOptions } from '../../pool-options.js'
import type { Transport, TransportHandler } from '../../transport/transport.js'

const event = (text: string): string => `data: {"choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`
const ending = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'

/** A pool whose calls are answered by the test, and a call for one JSON reply that is made from a stream. */
async function asking(options: PoolOptions, signal?: AbortSignal) {
  const handlers: TransportHandler[] = []
  let aborts = 0
  const transport: Transport = {
    dispatch: (_request, handler) => {
      handlers.push(handler)
      return { pause() {}, resume() {}, abort: () => aborts++ }
    },
    close: async () => {},
  }
  const pool = new KeyPool({ keys: ['sk-one', 'sk-two'], transport, ...options })
  onTestFinished(() => pool.close())
  await pool.ready
  const answer = pool.fetch(`${pool.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-sfpool-stream': 'buffer' },
    body: '{"model":"Qwen/Qwen3-8B","messages":[]}',
    ...(signal === undefined ? {} : { signal }),
  })
  answer.catch(() => {})
  await vi.waitFor(() => expect(handlers).toHaveLength(1))
  const [upstream] = handlers as [TransportHandler]
  upstream.onSent()
  upstream.onHead(200, ['content-type', 'text/event-stream'])
  const send = (text: string): void => upstream.onData(Buffer.from(text))
  return { pool, answer, handlers, upstream, send, calls: () => handlers.length, aborts: () => aborts }
}

describe('the memory that held answers are counted in', () => {
  it('an answer that is held is counted byte by byte, and its memory is given back with its end', async () => {
    const { pool, answer, upstream, send } = await asking({})
    send(event('hello'))
    send(event('x'.repeat(100_000)))
    expect(pool.buffers.used).toBe(event('hello').length + event('x'.repeat(100_000)).length)
    send(ending)
    upstream.onEnd()
    expect((await answer).status).toBe(200)
    expect(pool.buffers.used).toBe(0)
  })

  it('an answer that finds no room is 503 with Retry-After, ends its call, blames no key and asks no other', async () => {
    const { pool, answer, send, calls, aborts } = await asking({ bufferBudget: 200_000 })
    pool.buffers.take(100_000)
    for (let count = 0; count < 2; count++) send(event('x'.repeat(50_000)))
    const { status, headers } = await answer
    expect([status, headers.get('retry-after'), calls(), aborts()]).toEqual([503, '2', 1, 1])
    expect(await (await answer).json()).toMatchObject({ error: { code: 'overloaded' } })
    expect(pool.buffers.used).toBe(100_000)
    expect(pool.keys.list().map((key) => key.status)).toEqual(['ready', 'ready'])
  })

  it('an answer that alone is larger than the memory for it is 502, and nobody is told to ask again', async () => {
    const { pool, answer, send, aborts } = await asking({ bufferBudget: 200_000 })
    for (let count = 0; count < 4; count++) send(event('x'.repeat(50_000)))
    const { status, headers } = await answer
    expect([status, headers.get('retry-after'), aborts()]).toEqual([502, null, 1])
    expect(await (await answer).text()).toContain('option bufferBudget')
    expect(pool.buffers.used).toBe(0)
    expect(pool.keys.list().map((key) => key.status)).toEqual(['ready', 'ready'])
  })

  it.each([
    [400, '{"error":{"message":"Your prompt is bad","code":"x"}}', ['ready', 'ready']],
    [401, '{"error":{"message":"Incorrect API key provided"}}', ['invalid', 'ready']],
  ])(
    'a long error (%i) that finds no room is told in short, with its verdict',
    async (status, text, keys) => {
      const { pool, answer, handlers } = await asking({ bufferBudget: 100_000 })
      pool.buffers.takeReserved(100_000)
      const [upstream] = handlers as [TransportHandler]
      upstream.onHead(status, ['content-type', 'application/json'])
      for (const piece of [text, ' '.repeat(60_000), ' '.repeat(30_000)]) upstream.onData(Buffer.from(piece))
      if (status === 400) {
        expect((await answer).status).toBe(400)
        expect(await (await answer).text()).toContain('Your prompt is bad')
      } else {
        await vi.waitFor(() => expect(handlers).toHaveLength(2))
        handlers[1]?.onError(new Error('reset'))
        await answer
      }
      expect(pool.keys.list().map((key) => key.status)).toEqual(keys)
      expect(pool.buffers.used).toBe(100_000)
    },
  )

  it('a small answer is held however full the memory is', async () => {
    const { pool, answer, upstream, send } = await asking({ bufferBudget: 100_000 })
    pool.buffers.takeReserved(100_000)
    send(event('hello') + ending)
    upstream.onEnd()
    expect((await answer).status).toBe(200)
    expect(pool.buffers.used).toBe(100_000)
  })

  it.each([
    ['its client leaves', (leaving: AbortController, _upstream: TransportHandler) => leaving.abort()],
    [
      'the upstream breaks off',
      (_: AbortController, upstream: TransportHandler) => upstream.onError(new Error('reset')),
    ],
  ])('the memory of a held answer is given back when %s', async (_, act) => {
    const leaving = new AbortController()
    const { pool, upstream, send } = await asking({}, leaving.signal)
    send(event('x'.repeat(100_000)))
    expect(pool.buffers.used).toBeGreaterThan(100_000)
    act(leaving, upstream)
    expect(pool.buffers.used).toBe(0)
  })

  it('what a transport still hands over after its call was broken off is not counted', async () => {
    const leaving = new AbortController()
    const { pool, upstream, send } = await asking({}, leaving.signal)
    send(event('hello'))
    leaving.abort()
    upstream.onSent()
    upstream.onHead(200, ['content-type', 'text/event-stream'])
    send(event('x'.repeat(100_000)))
    upstream.onEnd()
    upstream.onError(new Error('reset'))
    expect(pool.buffers.used).toBe(0)
  })
})
