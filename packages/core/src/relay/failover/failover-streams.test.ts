import { errorSamples, type OutcomeFault } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import { KeyPoolError } from '../../errors.js'
import { type FakeRuntime, fakeRuntime } from '../../testing/fake-runtime.js'
import { answering, type RawConnection, rawUpstream } from '../../testing/raw-upstream.js'
import { scriptedTransport } from '../../testing/scripted-transport.js'
import { dataOf, model, readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'

/** A pool of two whose first key meets a fault. */
async function faulty(fault: OutcomeFault): Promise<SimulatedPool> {
  const upstream = await simulatedPool()
  upstream.simulator.faults.add({ when: { account: 'account-1' }, fault })
  return upstream
}

const dialects = {
  chat: (upstream: SimulatedPool) => upstream.stream(),
  messages: (upstream: SimulatedPool) =>
    upstream.ask('/messages', {
      model,
      max_tokens: 50,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
} as const

const overloaded = { kind: 'error-event', name: 'overloaded' } as const

describe.each(['chat', 'messages'] as const)('before output, in a stream of %s', (dialect) => {
  it.each<[string, string, OutcomeFault]>([
    ['overload', 'an error as the first event', { ...overloaded, afterEvents: 0 }],
    ['overload', 'an error behind the preamble', { ...overloaded, afterEvents: 1 }],
    ['overload', 'a wrapped error', { ...overloaded, afterEvents: 1, shape: 'wrapped' }],
    ['overload', 'an error and a proper end', { ...overloaded, afterEvents: 1, ending: 'done' }],
    ['overload', 'an error and a cut', { ...overloaded, afterEvents: 1, ending: 'close' }],
    ['rate-limited (TPM)', 'a limit', { kind: 'error-event', name: 'rate-limit-tpm', afterEvents: 1 }],
    [
      'overload',
      'words without a code',
      { kind: 'error-event', name: 'rate-limit-tpm-classic', afterEvents: 1 },
    ],
    ['restricted', 'a permission', { kind: 'error-event', name: 'wrong-tier', afterEvents: 1 }],
    ['truncated', 'a cut before any event', { kind: 'close', at: 'after-headers' }],
    ['truncated', 'a cut behind the preamble', { kind: 'close', at: 'mid-body', afterEvents: 1 }],
    ['truncated', 'a reset behind the preamble', { kind: 'reset', at: 'mid-body', afterEvents: 1 }],
    ['truncated', 'an end without any event', { kind: 'truncate', afterEvents: 0 }],
    ['truncated', 'an end behind the preamble', { kind: 'truncate', afterEvents: 1 }],
    ['truncated', 'a role and nothing else', { kind: 'empty-reply', reply: 'role' }],
  ])('%s: %s is answered by the next key, unseen', async (reason, _what, fault) => {
    const upstream = await faulty(fault)
    const response = await dialects[dialect](upstream)
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    const { text, error } = await readAll(response)
    expect(error).toBeNull()
    expect(text).toMatch(dialect === 'chat' ? /data: \[DONE\]\n\n$/ : /event: message_stop\ndata: .*\n\n$/)
    expect(text).not.toContain('error')
    expect(text.match(/"role":"assistant"/g)).toHaveLength(1)
    expect(upstream.usedKeys).toEqual([0, 1])
    expect(upstream.health).toEqual([`${reason} on ${model}`, 'ready'])
  })

  it.each<[string, OutcomeFault]>([
    ['invalid', { kind: 'error-event', name: 'token-invalid', afterEvents: 0 }],
    ['exhausted', { kind: 'error-event', name: 'insufficient-balance', afterEvents: 0 }],
    ['invalid', { kind: 'error-event', name: 'user-disabled', afterEvents: 1 }],
  ])('a verdict on the key itself counts as it would with its status: %s', async (health, fault) => {
    const upstream = await faulty(fault)
    expect((await readAll(await dialects[dialect](upstream))).error).toBeNull()
    expect(upstream.health).toEqual([health, 'ready'])
  })

  it.each<[number, OutcomeFault]>([
    [400, { kind: 'error-event', name: 'prompt-too-long', afterEvents: 1 }],
    [400, { kind: 'error-event', name: 'model-disabled', afterEvents: 0, shape: 'wrapped' }],
  ])("the client's mistake is returned as an error with status %i", async (status, fault) => {
    const upstream = await faulty(fault)
    const response = await dialects[dialect](upstream)
    expect(response.status).toBe(status)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toMatchObject({
      error: { message: expect.stringMatching(/prompt_tokens|disabled/) },
    })
    expect(upstream.calls).toHaveLength(1)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })
})

describe('after output', () => {
  it.each<[string, string, OutcomeFault]>([
    ['overload', 'an error event', overloaded],
    ['overload', 'a wrapped error event', { ...overloaded, shape: 'wrapped' }],
    ['overload', 'an error event and a proper end', { ...overloaded, ending: 'done' }],
    ['overload', 'an error event and a cut', { ...overloaded, ending: 'close' }],
    ['truncated', 'a cut', { kind: 'close', at: 'mid-body' }],
    ['truncated', 'a reset', { kind: 'reset', at: 'mid-body' }],
    ['truncated', 'an end in the middle', { kind: 'truncate', afterEvents: 3 }],
  ])('%s: %s ends the stream with an error that clients see', async (reason, _what, fault) => {
    const upstream = await faulty(fault)
    const response = await upstream.stream()
    expect(response.status).toBe(200)
    const { text, error } = await readAll(response)
    const events = dataOf(text)
    expect(events).not.toContain('[DONE]')
    expect(JSON.parse(events.at(-1) ?? '')).toEqual({
      error: {
        message: expect.stringMatching(/^The upstream broke off in the middle of its answer: \w/),
        type: 'server_error',
        code: 'stream_interrupted',
        param: null,
      },
    })
    expect(events.slice(0, -1).every((data) => Array.isArray(JSON.parse(data).choices))).toBe(true)
    expect(events.length).toBeGreaterThan(3)
    expect(error).toMatchObject({ code: 'stream_interrupted' })
    expect(KeyPoolError.isInstance(error)).toBe(true)
    expect(upstream.usedKeys).toEqual([0])
    expect(upstream.health).toEqual([`${reason} on ${model}`, 'ready'])
  })

  it("says what the upstream's error said", async () => {
    const { text } = await readAll(await (await faulty(overloaded)).stream())
    expect(text).toContain('in the middle of its answer: System is too busy now. Please try again later.')
    expect(text).not.toContain(errorSamples.overloaded.body)
  })

  it.each<OutcomeFault>([overloaded, { kind: 'close', at: 'mid-body', afterEvents: 4 }])(
    'speaks the language of Anthropic clients on /messages: $kind',
    async (fault) => {
      const { text, error } = await readAll(await dialects.messages(await faulty(fault)))
      expect(text).toMatch(
        /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"api_error","message":".+"\}\}\n\n$/,
      )
      expect(text).not.toContain('message_stop')
      expect(error).toMatchObject({ code: 'stream_interrupted' })
    },
  )

  it('ends once when an error event and the end mark arrive in one piece', async () => {
    const output = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
    const last = `data: ${errorSamples.overloaded.body}\n\ndata: [DONE]\n\n`
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
    const framed = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
    const raw = await rawUpstream(answering(head + framed(output)))
    const upstream = await simulatedPool({ pool: { baseURL: raw.origin } })
    const response = await upstream.stream()
    raw.connections[0]?.socket.write(framed(last))
    const { text, error } = await readAll(response)
    expect(text).not.toContain('[DONE]')
    expect(text.match(/upstream broke off/g)).toHaveLength(1)
    expect(error).toMatchObject({ code: 'stream_interrupted' })
    expect(upstream.pool.stats()).toMatchObject({ inFlight: 0 })
  })

  it('passes on all that came before it, byte for byte', async () => {
    const upstream = await faulty({ kind: 'close', at: 'mid-body', afterEvents: 9 })
    upstream.simulator.faults.add({ fault: { kind: 'chunks', cut: 'random' } })
    const { text } = await readAll(await upstream.stream())
    const whole = await (await upstream.stream()).text()
    const strip = (stream: string): string => stream.replaceAll(/"id":"\w+"|"created":\d+/g, '')
    const came = strip(text.slice(0, text.lastIndexOf('data: {"error"')))
    expect(strip(whole).startsWith(came)).toBe(true)
    expect(dataOf(came)).toHaveLength(9)
  })
})

describe('a stream that ends cleanly without its mark', () => {
  const event = (choice: object): string => `data: ${JSON.stringify({ choices: [choice] })}\n\n`
  const hi = event({ index: 0, delta: { content: 'Hi' }, finish_reason: null })
  const stop = event({ index: 0, delta: {}, finish_reason: 'stop' })
  const usage = 'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\n\n'

  async function answered(stream: string, ending: 'end' | 'reset' = 'end'): Promise<SimulatedPool> {
    const transport = scriptedTransport(() => ({ chunks: [Buffer.from(stream)], ending }))
    const upstream = await simulatedPool({ pool: { transport } })
    await upstream.pool.ready
    return upstream
  }

  it.each([
    ['the reason', hi + stop],
    ['the reason and the usage', hi + stop + usage],
    [
      'the reason beside the last text',
      event({ index: 0, delta: { content: 'Hi' }, finish_reason: 'length' }),
    ],
    ['the reason, with white space', hi + stop.replace('"finish_reason":', '"finish_reason" : ')],
    ['the reason, without a blank line', (hi + stop).trimEnd()],
    ['the reason and a comment', `${hi + stop}: bye\n\n`],
    ['the reasons of both choices', hi + hi.replace(':0', ':1') + stop + stop.replace(':0', ':1')],
    ['a text completion', event({ index: 0, text: 'Hi', finish_reason: 'stop' })],
  ])('is whole behind %s', async (_what, stream) => {
    const upstream = await answered(stream)
    const { text, error } = await readAll(await upstream.stream())
    expect(error).toBeNull()
    expect(text).toBe(stream)
    expect(upstream.pool.stats()).toMatchObject({ successes: 1, failures: {} })
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it.each([
    ['without a reason', hi],
    ['with an empty reason', hi + stop.replace('"stop"', '""')],
    ['with the reason of one choice of two', hi + hi.replace(':0', ':1') + stop],
    ['with a reason in its text', hi.replace('Hi', '\\"finish_reason\\":\\"stop\\"')],
    ['in the middle of its reason', `${hi}${stop.slice(0, -6)}`],
  ])('is a cut %s', async (_what, stream) => {
    const { text, error } = await readAll(await (await answered(stream)).stream())
    expect(error).toMatchObject({ code: 'stream_interrupted' })
    expect(text).toContain('the answer ended early')
  })

  it('is a cut when the connection does not end cleanly', async () => {
    const { error } = await readAll(await (await answered(hi + stop, 'reset')).stream())
    expect(error).toMatchObject({ code: 'stream_interrupted' })
  })

  it('is one reply in mode buffer', async () => {
    const transport = scriptedTransport(() => ({ chunks: [Buffer.from(hi + stop)] }))
    const upstream = await simulatedPool({ pool: { transport, streams: { mode: 'buffer' } } })
    await upstream.pool.ready
    expect(await (await upstream.chat()).json()).toMatchObject({
      choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }],
    })
  })
})

describe('however the bytes are cut on the way', () => {
  it.each(['bytes', 'utf8', 'random'] as const)('the verdicts are the same: %s', async (cut) => {
    for (const [fault, attempts] of [
      [{ ...overloaded, afterEvents: 1 }, 2],
      [{ kind: 'truncate', afterEvents: 1 }, 2],
      [overloaded, 1],
      [{ kind: 'truncate', afterEvents: 4 }, 1],
    ] as const) {
      const upstream = await faulty(fault)
      upstream.simulator.faults.add({ fault: { kind: 'chunks', cut } })
      const { text, error } = await readAll(await upstream.stream())
      expect(upstream.calls).toHaveLength(attempts)
      expect(error === null).toBe(attempts === 2)
      expect(text.includes('[DONE]')).toBe(attempts === 2)
      expect(text).not.toContain('\uFFFD')
    }
  })
})

describe('an answer that is empty but whole', () => {
  it.each(['content', 'choices'] as const)('is asked for once more: %s', async (reply) => {
    const upstream = await faulty({ kind: 'empty-reply', reply })
    const { text, error } = await readAll(await upstream.stream())
    expect(error).toBeNull()
    expect(text).toMatch(/"content":"[^"].*data: \[DONE\]\n\n$/s)
    expect(text.match(/"role":"assistant"/g)).toHaveLength(1)
    expect(upstream.usedKeys).toEqual([0, 1])
  })

  it('is passed on when the next one is empty too', async () => {
    const upstream = await simulatedPool({ keys: 5 })
    upstream.simulator.faults.add({ fault: { kind: 'empty-reply', reply: 'content' } })
    const { text, error } = await readAll(await upstream.stream())
    expect(error).toBeNull()
    expect(dataOf(text).at(-1)).toBe('[DONE]')
    expect(upstream.calls).toHaveLength(2)
  })

  it('is one that says why, and passed on', async () => {
    const upstream = await simulatedPool()
    for (const reason of ['length', 'content_filter']) {
      const body = `data: {"choices":[{"delta":{"content":""},"finish_reason":"${reason}"}]}\n\ndata: [DONE]\n\n`
      const headers = { 'content-type': 'text/event-stream' }
      upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body }, times: 1 })
      expect(await (await upstream.stream()).text()).toBe(body)
    }
    expect(upstream.usedKeys).toEqual([0, 0])
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('is full when all of it is reasoning', async () => {
    const upstream = await faulty({ kind: 'empty-reply', reply: 'reasoning' })
    expect((await readAll(await upstream.stream())).error).toBeNull()
    expect(upstream.usedKeys).toEqual([0])
    expect(upstream.health).toEqual(['ready', 'ready'])
  })
})

describe('behind its own end mark a stream is whole', () => {
  const stream = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n'
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
  const unended = `${head}${stream.length.toString(16)}\r\n${stream}\r\n`

  it.each<[string, (connection: RawConnection, runtime: FakeRuntime) => void]>([
    ['the connection closes', ({ socket }) => socket.end()],
    ['the connection is reset', ({ socket }) => socket.resetAndDestroy()],
    ['nothing more comes', (_, runtime) => runtime.advance(3_600_000)],
  ])('even when %s instead of ending the body', async (_what, play) => {
    const runtime = fakeRuntime()
    const raw = await rawUpstream(answering(unended))
    const upstream = await simulatedPool({ runtime, pool: { baseURL: raw.origin } })
    const reader = (await upstream.stream()).body?.getReader()
    const first = await reader?.read()
    expect(Buffer.from(first?.value ?? []).toString()).toBe(stream)
    const [connection] = raw.connections
    if (connection !== undefined) play(connection, runtime)
    expect(await reader?.read()).toEqual({ done: true, value: undefined })
    await expect.poll(() => upstream.pool.stats()).toMatchObject({ successes: 1, inFlight: 0 })
    expect(upstream.health).toEqual(['ready', 'ready'])
  })
})
