import type { OutcomeFault } from '@sfpool/simulator'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { fakeRuntime, promisesSettled } from '../../testing/fake-runtime.js'
import { scriptedTransport } from '../../testing/scripted-transport.js'
import { dataOf, model, readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'
import type { StreamOptions } from '../request/stream-options.js'

const piped = (streams: StreamOptions, keys = 2): Promise<SimulatedPool> =>
  simulatedPool({ keys, pool: { streams } })

const tool = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}

const questions: readonly [string, string, object][] = [
  ['a chat', '/chat/completions', {}],
  ['a chat of a model that thinks', '/chat/completions', { model: 'Qwen/Qwen3-32B' }],
  ['a chat with calls', '/chat/completions', { tools: [tool], tool_choice: 'required' }],
  ['a chat cut for its length', '/chat/completions', { max_tokens: 3 }],
  [
    'a completion',
    '/completions',
    { model: 'Qwen/Qwen2.5-Coder-7B-Instruct', prompt: 'a =', messages: undefined },
  ],
  ['a message of Anthropic’s', '/messages', { max_tokens: 50 }],
]

const bodyOf = (fields: object): object => ({
  model,
  messages: [{ role: 'user', content: 'Hello, 世界' }],
  ...fields,
})

/** What only some calls say: who they are, what is null, and the details of usage. */
const passing = /^(?:id|created|system_fingerprint|.*_details|prompt_cache_.*)$/

const steady = (reply: unknown): unknown =>
  JSON.parse(
    JSON.stringify(reply, (name, value) => (passing.test(name) || value === null ? undefined : value)),
  )

const lastBody = ({ calls }: SimulatedPool): Record<string, unknown> => JSON.parse(String(calls.at(-1)?.body))

describe('mode buffer', () => {
  it.each(questions)('%s is the reply that would have come without a stream', async (_what, path, fields) => {
    const plain = await (await (await piped({})).ask(path, bodyOf(fields))).json()
    const upstream = await piped({ mode: 'buffer' })
    const response = await upstream.ask(path, bodyOf(fields))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-sfpool-attempts')).toBe('1')
    const text = await response.text()
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)))
    expect(steady(JSON.parse(text))).toEqual(steady(plain))
    expect(lastBody(upstream)).toMatchObject({ stream: true })
    expect(upstream.pool.stats().tokens.total).toBeGreaterThan(0)
  })

  it.each<[string, OutcomeFault]>([
    ['a cut in the middle', { kind: 'close', at: 'mid-body', afterEvents: 6 }],
    ['a reset in the middle', { kind: 'reset', at: 'mid-body', afterEvents: 6 }],
    ['an error behind output', { kind: 'error-event', name: 'overloaded', afterEvents: 5 }],
    ['an end without a reason for it', { kind: 'truncate', afterEvents: 6 }],
    ['nothing in it', { kind: 'empty-reply', reply: 'content' }],
  ])('%s is answered by the next key, unseen: nothing has gone to the client', async (_what, fault) => {
    const upstream = await piped({ mode: 'buffer' })
    upstream.simulator.faults.add({ when: { account: 'account-1' }, fault })
    const response = await upstream.chat()
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    expect(await response.json()).toMatchObject({
      choices: [{ message: { content: expect.stringMatching(/./) } }],
    })
    expect(upstream.usedKeys).toEqual([0, 1])
  })

  it('is answered by the next key when the stream falls silent', async () => {
    const runtime = fakeRuntime()
    const upstream = await simulatedPool({ runtime, pool: { streams: { mode: 'buffer' } } })
    const fault = { kind: 'hang', at: 'mid-body', afterEvents: 6 } as const
    upstream.simulator.faults.add({ when: { account: 'account-1' }, fault })
    const answer = upstream.chat()
    while (upstream.calls[0]?.eventCount !== 6) await promisesSettled()
    await runtime.advanceAsync(300_000)
    expect((await answer).headers.get('x-sfpool-attempts')).toBe('2')
  })

  it('does not wait for a connection to end whose answer has said that it is whole', async () => {
    const runtime = fakeRuntime()
    const event = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
    const chunks = [Buffer.from(`${event}data: [DONE]\n\n`)]
    const transport = scriptedTransport(() => ({ chunks, ending: 'hang' }))
    const upstream = await simulatedPool({ runtime, pool: { transport, streams: { mode: 'buffer' } } })
    await upstream.pool.ready
    const answer = upstream.chat()
    while (transport.requests.length === 0) await promisesSettled()
    await runtime.advanceAsync(1_000)
    expect(await (await answer).json()).toMatchObject({ choices: [{ message: { content: 'Hi' } }] })
    expect(transport.abortCount).toBe(1)
    expect(upstream.pool.stats()).toMatchObject({ inFlight: 0, failures: {} })
  })

  it.each([
    ['text', {}],
    ['reasoning', { model: 'Qwen/Qwen3-32B' }],
    ['calls', { tools: [tool, { ...tool, function: { name: 'time' } }], tool_choice: 'required' }],
    ['two choices', { n: 2 }],
  ])('is what the official client puts together from the same stream: %s', async (_what, fields) => {
    const upstream = await piped({})
    const body = await (await upstream.stream(fields)).text()
    const headers = { 'content-type': 'text/event-stream' }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body } })
    const buffered = await (await upstream.chat({}, { headers: { 'x-sfpool-stream': 'buffer' } })).json()
    const { baseURL, fetch } = upstream.pool
    const openai = new OpenAI({ apiKey: 'pool', baseURL, fetch })
    const whole = await openai.chat.completions
      .stream({ model, messages: [{ role: 'user', content: 'Hi' }] })
      .finalChatCompletion()
    const said = ({ choices }: Pick<typeof whole, 'choices'>): unknown =>
      choices.map(({ index, finish_reason, message: { content, tool_calls = [] } }) => [
        index,
        finish_reason,
        // The client takes an empty text for none.
        content || null,
        tool_calls.map((call) => [call.id, call.type, 'function' in call ? call.function.arguments : '']),
      ])
    expect(said(buffered)).toEqual(said(whole))
    expect(buffered.choices.length).toBeGreaterThan(0)
  })

  it('is there for one request that asks for it', async () => {
    const upstream = await piped({})
    const reply = await (await upstream.chat({}, { headers: { 'x-sfpool-stream': 'buffer' } })).json()
    expect(reply).toMatchObject({ object: 'chat.completion' })
    expect(lastBody(upstream)).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(upstream.calls[0]?.headers).not.toHaveProperty('x-sfpool-stream')
  })

  it('gives errors as they are, and one reply as it is', async () => {
    const upstream = await piped({ mode: 'buffer' })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'parameter-invalid' }, times: 1 })
    expect((await upstream.chat()).status).toBe(400)
    const whole = { id: 'x', choices: [{ message: { content: 'whole' } }] }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, body: whole } })
    expect(await (await upstream.chat()).json()).toEqual(whole)
  })

  it('says so when an answer is too long to be kept', async () => {
    const upstream = await piped({ mode: 'buffer' })
    const event = `data: {"choices":[{"delta":{"content":"${'x'.repeat(100_000)}"}}]}\n\n`
    const headers = { 'content-type': 'text/event-stream' }
    upstream.simulator.faults.add({
      fault: { kind: 'answer', status: 200, headers, body: event.repeat(180) },
    })
    const response = await upstream.chat()
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({
      error: {
        code: 'stream_interrupted',
        message: expect.stringMatching(/longer than 16 MB.*x-sfpool-stream: relay/),
      },
    })
    expect(upstream.calls).toHaveLength(1)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('ends with the client, as everywhere', async () => {
    const upstream = await piped({ mode: 'buffer' })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'mid-body', afterEvents: 5 } })
    const abort = new AbortController()
    const answer = upstream.chat({}, { signal: abort.signal })
    await expect.poll(() => upstream.calls[0]?.eventCount).toBe(5)
    abort.abort()
    await expect(answer).rejects.toThrow(/abort/)
    await expect.poll(() => upstream.pool.stats()).toMatchObject({ requests: 1, inFlight: 0 })
    expect(upstream.health).toEqual(['ready', 'ready'])
  })
})

describe('mode stream', () => {
  it.each(questions)('%s is a stream that says the same', async (_what, path, fields) => {
    const plain = await (await (await piped({})).ask(path, bodyOf(fields))).json()
    const upstream = await piped({ mode: 'stream' })
    const response = await upstream.ask(
      path,
      bodyOf({ ...fields, stream: true, stream_options: { include_usage: true } }),
    )
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('content-length')).toBeNull()
    const { stream, stream_options } = lastBody(upstream)
    expect([stream, stream_options]).toEqual([false, undefined])
    const text = await response.text()
    expect(text).toMatch(path === '/messages' ? /event: message_stop\ndata: .*\n\n$/ : /data: \[DONE\]\n\n$/)
    // Put together again, it is the reply.
    const again = await piped({ mode: 'buffer' })
    const headers = { 'content-type': 'text/event-stream' }
    again.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body: text } })
    expect(steady(await (await again.ask(path, bodyOf(fields))).json())).toEqual(steady(plain))
  })

  it('sends the usage only to clients that asked for it', async () => {
    const upstream = await piped({ mode: 'stream' })
    expect(await (await upstream.stream()).text()).not.toContain('usage')
    const asked = dataOf(await (await upstream.stream({ stream_options: { include_usage: true } })).text())
    expect(JSON.parse(asked.at(-2) ?? '')).toMatchObject({
      choices: [],
      usage: { total_tokens: expect.any(Number) },
    })
  })

  it('gives errors as they are, moves on from hidden ones, and from empty replies', async () => {
    const upstream = await piped({ mode: 'stream' }, 4)
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'parameter-invalid' }, times: 1 })
    expect((await upstream.stream()).status).toBe(400)
    for (const fault of [
      { kind: 'error', name: 'overloaded-200' },
      { kind: 'empty-reply', reply: 'content' },
    ] as const) {
      upstream.simulator.faults.add({ fault, times: 1 })
      const response = await upstream.stream()
      expect(response.headers.get('x-sfpool-attempts')).toBe('2')
      expect(await response.text()).toMatch(/"content":"[^"].*\[DONE\]\n\n$/s)
    }
  })

  it('passes on a stream that comes all the same', async () => {
    const upstream = await piped({ mode: 'stream' })
    const body = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n'
    const headers = { 'content-type': 'text/event-stream' }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body } })
    expect(await (await upstream.stream()).text()).toBe(body)
  })
})

describe('usage asked for by the pool', () => {
  it('is counted where the upstream gives it to those alone who ask, and not seen by the client', async () => {
    const upstream = await piped({ includeUsage: true })
    upstream.simulator.settings.update({ usage: 'trailing' })
    const text = await (await upstream.stream()).text()
    expect(lastBody(upstream)).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(text).not.toContain('"choices":[]')
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    expect(upstream.pool.stats().tokens.total).toBeGreaterThan(0)
  })
})

describe('mode smooth', () => {
  it('says the same', async () => {
    const upstream = await piped({ mode: 'smooth', smooth: { maxDelayMs: 50, by: 'character' } })
    const [even, plain] = await Promise.all([
      (await upstream.stream()).text(),
      (await upstream.stream({}, { headers: { 'x-sfpool-stream': 'relay' } })).text(),
    ])
    const textOf = (stream: string): string =>
      dataOf(stream)
        .filter((data) => data !== '[DONE]')
        .map((data) => JSON.parse(data).choices[0]?.delta.content ?? '')
        .join('')
    expect(textOf(even)).toBe(textOf(plain))
    expect(dataOf(even).length).toBeGreaterThan(dataOf(plain).length)
    expect(even).toMatch(/data: \[DONE\]\n\n$/)
  })
})

it.each([{}, { includeUsage: true }, { mode: 'smooth' }, { heartbeatMs: 100 }] as const)(
  'a stream names no length, for it may get another one: %j',
  async (streams) => {
    const upstream = await piped(streams)
    const body = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n'
    const headers = { 'content-type': 'text/event-stream', 'content-length': String(body.length) }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body } })
    const response = await upstream.stream()
    expect(response.headers.get('content-length')).toBeNull()
    expect(await response.text()).toContain('[DONE]')
  },
)

describe('heartbeats', () => {
  const beat = ': keep-alive\n\n'

  async function beating(keys = 2) {
    const runtime = fakeRuntime()
    const upstream = await simulatedPool({ keys, runtime, pool: { streams: { heartbeatMs: 1_000 } } })
    await upstream.pool.ready
    const until = async (holds: () => boolean): Promise<void> => {
      while (!holds()) await promisesSettled()
    }
    return { runtime, until, upstream }
  }

  it('come while the upstream is silent, and another key still answers behind them', async () => {
    const { runtime, until, upstream } = await beating()
    upstream.simulator.faults.add({
      when: { account: 'account-1' },
      fault: { kind: 'hang', at: 'before-headers' },
    })
    const answer = upstream.stream()
    await until(() => upstream.calls.length === 1)
    runtime.advance(2_500)
    const response = await answer
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    // The first key does not answer in time.
    runtime.advance(300_000)
    const { text, error } = await readAll(response)
    expect(error).toBeNull()
    expect(text.startsWith(beat.repeat(3))).toBe(true)
    expect(text.replaceAll(beat, '')).toMatch(/^data: \{.*data: \[DONE\]\n\n$/s)
    expect(upstream.usedKeys).toEqual([0, 1])
  })

  it('come while a request waits for a key', async () => {
    const { runtime, until, upstream } = await beating()
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'rate-limit-rpm' } })
    upstream.simulator.faults.add({ fault: { kind: 'headers', headers: { 'retry-after': '5' } } })
    const answer = upstream.stream()
    await until(() => upstream.pool.keys.list().every(({ cooldowns }) => cooldowns.length > 0))
    runtime.advance(2_000)
    const response = await answer
    upstream.simulator.faults.clear()
    await runtime.advanceAsync(6_000)
    const { text, error } = await readAll(response)
    expect(error).toBeNull()
    expect(text.startsWith(beat.repeat(2))).toBe(true)
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
  })

  it('and then an error are an error that the official client raises, readable', async () => {
    const { runtime, until, upstream } = await beating()
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const openai = new OpenAI({
      apiKey: 'pool',
      baseURL: upstream.pool.baseURL,
      fetch: upstream.pool.fetch,
      maxRetries: 0,
    })
    const asked = openai.chat.completions.create({
      model,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    })
    await until(() => upstream.calls.length === 1)
    runtime.advance(1_000)
    const stream = await asked
    upstream.simulator.faults.clear()
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'parameter-invalid' } })
    runtime.advance(300_000)
    const read = async (): Promise<void> => {
      for await (const _chunk of stream) throw new Error('there was nothing to read')
    }
    await expect(read()).rejects.toThrow(/parameter is invalid/)
  })

  it('never reach clients that asked for one reply', async () => {
    const { runtime, until, upstream } = await beating()
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' }, times: 1 })
    const answer = upstream.chat()
    await until(() => upstream.calls.length === 1)
    runtime.advance(300_000)
    expect(await (await answer).json()).toMatchObject({ object: 'chat.completion' })
  })

  it('end with a client that leaves, and so does the upstream', async () => {
    const { runtime, until, upstream } = await beating()
    const timers = runtime.timerCount
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const answer = upstream.stream()
    await until(() => upstream.calls.length === 1)
    runtime.advance(1_000)
    const response = await answer
    await response.body?.cancel()
    await until(() => upstream.pool.stats().inFlight === 0)
    expect(upstream.pool.stats().requests).toBe(1)
    // One saves what changed, one the history.
    expect(runtime.timerCount).toBeLessThanOrEqual(timers + 2)
  })
})
