import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { answer, answering, rawUpstream } from '../../testing/raw-upstream.js'
import { model, simulatedPool } from '../../testing/simulated-pool.js'
import { webSink } from '../client/web-sink.js'
import { createCall } from '../request/call.js'

describe('what the upstream gets', () => {
  it('is the request under a key of the pool, and nothing of the client beside', async () => {
    const { ask, calls, keys } = await simulatedPool()
    await ask('/models?type=text&x=%20', undefined, {
      headers: {
        authorization: 'Bearer client-secret',
        'x-api-key': 'client-secret',
        cookie: 'session=client-secret',
        forwarded: 'for=10.0.0.1',
        'x-forwarded-for': '10.0.0.1',
        'x-real-ip': '10.0.0.1',
        'x-sfpool-trace': '1',
        'x-trace-id': 'trace-1',
        'user-agent': 'tests',
      },
    })
    expect(calls[0]).toMatchObject({
      method: 'GET',
      path: '/v1/models',
      query: 'type=text&x=%20',
      key: keys[0],
    })
    expect(calls[0]?.rawHeaders.join('\n')).not.toMatch(/client-secret|10\.0\.0\.1|sfpool/)
    expect(calls[0]?.headers).toEqual({
      host: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      connection: 'keep-alive',
      'accept-encoding': 'identity',
      authorization: `Bearer ${keys[0]}`,
      'content-type': 'application/json',
      'user-agent': 'tests',
      'x-trace-id': 'trace-1',
    })
  })

  it('has the key in x-api-key where the client had its own, as Anthropic clients do', async () => {
    const { ask, calls, keys } = await simulatedPool()
    const body = { model, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }
    const headers = { 'x-api-key': 'client-secret', 'anthropic-version': '2023-06-01' }
    const response = await ask('/messages', body, { headers })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ type: 'message', role: 'assistant' })
    expect(calls[0]?.headers).toMatchObject({ 'x-api-key': keys[0], 'anthropic-version': '2023-06-01' })
    expect(calls[0]?.headers.authorization).toBeUndefined()
  })

  it('is the same for every attempt but for the key', async () => {
    const { chat, calls, simulator } = await simulatedPool()
    simulator.faults.add({ times: 1, fault: { kind: 'error', name: 'token-invalid' } })
    await chat()
    const [first, second] = calls
    expect(second?.body).toEqual(first?.body)
    expect({ ...second?.headers, authorization: '' }).toEqual({ ...first?.headers, authorization: '' })
    expect(second?.headers.authorization).not.toBe(first?.headers.authorization)
  })

  it.each<[string, () => BodyInit, string]>([
    [
      'JSON with odd spacing',
      () => `{ "model" : ${JSON.stringify(model)},\n\t"x":1e2, "a":"\\u4e16" }`,
      'application/json',
    ],
    ['JSON that is broken', () => '{"model":', 'application/json'],
    [
      'every byte there is',
      () => Uint8Array.from({ length: 256 }, (_, byte) => byte),
      'application/octet-stream',
    ],
    [
      'a form',
      () => '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--b--\r\n',
      'multipart/form-data; boundary=b',
    ],
  ])('is the body byte for byte, twice if need be: %s', async (_what, make, type) => {
    const { ask, calls, simulator } = await simulatedPool()
    simulator.faults.add({ times: 1, fault: { kind: 'error', name: 'token-invalid' } })
    await ask('/chat/completions', undefined, {
      method: 'POST',
      body: make(),
      headers: { 'content-type': type },
    })
    const sent = Buffer.from(await new Response(make()).arrayBuffer())
    expect(calls.map(({ body }) => body)).toEqual([sent, sent])
    expect(calls.map(({ headers }) => headers['content-type'])).toEqual([type, type])
  })

  it('is a form with its file, twice if need be', async () => {
    const { calls, simulator, pool } = await simulatedPool()
    simulator.faults.add({ times: 1, fault: { kind: 'error', name: 'rate-limit-rpm' } })
    const file = randomBytes(1_000_000)
    const form = new FormData()
    form.set('file', new Blob([file], { type: 'audio/wav' }), 'speech.wav')
    form.set('model', 'FunAudioLLM/SenseVoiceSmall')
    // Without the type that `ask` would give, so that the form can name its boundary.
    const response = await pool.fetch(`${pool.baseURL}/audio/transcriptions`, { method: 'POST', body: form })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ text: expect.any(String) })
    expect(calls.map((call) => call.model)).toEqual([
      'FunAudioLLM/SenseVoiceSmall',
      'FunAudioLLM/SenseVoiceSmall',
    ])
    expect(calls[0]?.bodySize).toBeGreaterThan(file.length)
    expect(calls[1]?.bodySize).toBe(calls[0]?.bodySize)
  })
})

describe('what the client gets', () => {
  it('is the upstream’s headers without its connection and cookies, and ours once', async () => {
    const { simulator, pool } = await simulatedPool()
    simulator.settings.update({ setCookie: 'a=b; HttpOnly' })
    const headers = { 'x-a': '1', 'x-request-id': 'theirs', 'x-sfpool-attempts': '99', 'retry-after': '3' }
    simulator.faults.add({ fault: { kind: 'headers', headers } })
    const { sink, response } = webSink()
    const call = createCall(
      { method: 'GET', path: '/models', headers: [], body: null, requestId: 'ours' },
      pool.provider,
    )
    void pool.relay(call, sink)
    const got = Object.fromEntries((await response).headers)
    expect(got).toMatchObject({
      'x-a': '1',
      'x-request-id': 'ours',
      'x-sfpool-attempts': '1',
      'retry-after': '3',
    })
    expect(got).not.toHaveProperty('set-cookie')
    expect(got).not.toHaveProperty('connection')
    expect(got).not.toHaveProperty('keep-alive')
    expect(got['x-siliconcloud-trace-id']).toMatch(/^[0-9a-f]{32}$/)
  })

  it("has the upstream's request id when we have none", async () => {
    const { ask, simulator } = await simulatedPool()
    simulator.faults.add({ fault: { kind: 'headers', headers: { 'x-request-id': 'theirs' } } })
    expect((await ask('/models')).headers.get('x-request-id')).toBe('theirs')
  })

  it.each(['a retry', 'an error of ours', 'an error of theirs'] as const)(
    'carries both ids on %s',
    async (what) => {
      const { pool, simulator } = await simulatedPool({
        pool: what === 'an error of ours' ? { keys: [] } : {},
      })
      if (what === 'a retry')
        simulator.faults.add({ times: 1, fault: { kind: 'error', name: 'token-invalid' } })
      if (what === 'an error of theirs') simulator.faults.add({ fault: { kind: 'error', name: 'nsfw' } })
      const { sink, response } = webSink()
      const given = { method: 'GET', path: '/models', headers: [], body: null, requestId: 'ours' }
      void pool.relay(createCall(given, pool.provider), sink)
      const { headers } = await response
      expect(headers.get('x-request-id')).toBe('ours')
      expect(headers.get('x-sfpool-attempts')).toBe(
        { 'a retry': '2', 'an error of ours': '0', 'an error of theirs': '1' }[what],
      )
    },
  )

  it('is the bytes of binary answers', async () => {
    const { ask, simulator } = await simulatedPool()
    const voice = 'FunAudioLLM/CosyVoice2-0.5B'
    const body = {
      model: voice,
      input: 'Hello, 世界. '.repeat(50),
      voice: `${voice}:alex`,
      response_format: 'wav',
    }
    const first = await ask('/audio/speech', body)
    const bytes = Buffer.from(await first.arrayBuffer())
    expect(first.headers.get('content-type')).not.toMatch(/json|text/)
    expect(bytes.length).toBeGreaterThan(1000)
    simulator.faults.add({ fault: { kind: 'chunks', cut: 'random' } })
    expect(Buffer.from(await (await ask('/audio/speech', body)).arrayBuffer()).equals(bytes)).toBe(true)
  })

  it.each(['gzip', 'br', 'deflate'] as const)(
    'can be read when the upstream compressed unasked: %s',
    async (encoding) => {
      const { chat, stream, ask, simulator } = await simulatedPool()
      const plain = await (await ask('/models')).text()
      simulator.faults.add({ fault: { kind: 'compress', encoding } })
      const response = await ask('/models')
      expect(await response.text()).toBe(plain)
      expect(response.headers.get('content-encoding')).toBeNull()
      expect(await (await chat()).json()).toMatchObject({ choices: [{}] })
      expect(await (await stream()).text()).toMatch(/data: \[DONE\]\n\n$/)
    },
  )

  it('is the stream byte for byte, whatever line ends it has and wherever it is cut', async () => {
    for (const lineEnd of ['\n', '\r\n', '\r']) {
      const events = [
        ': hello',
        'event: x\nid: 1\nretry: 10\ndata: {"choices":[{"delta":{"content":"世界"}}]}',
        'data: [DONE]',
      ]
      const body = events
        .map((event) => `${event}\n\n`)
        .join('')
        .replaceAll('\n', lineEnd)
      for (const cut of ['bytes', 'utf8', 'random'] as const) {
        const { stream, simulator } = await simulatedPool()
        simulator.faults.add({
          fault: {
            kind: 'answer',
            status: 200,
            headers: { 'content-type': 'text/event-stream; charset=utf-8' },
            body,
          },
        })
        simulator.faults.add({ fault: { kind: 'chunks', cut } })
        const response = await stream()
        expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
        expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(body))
      }
    }
  })

  it('has no body after HEAD', async () => {
    const { ask } = await simulatedPool()
    const response = await ask('/unheard-of', undefined, { method: 'HEAD' })
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('')
  })

  it.each([200, 201, 204, 206, 299, 301, 304])('has the upstream’s status: %i', async (status) => {
    const { ask, simulator } = await simulatedPool()
    simulator.faults.add({ fault: { kind: 'answer', status, headers: { location: '/elsewhere' } } })
    const response = await ask('/models')
    expect(response.status).toBe(status)
    expect(response.headers.get('location')).toBe('/elsewhere')
  })

  it('is an error of the pool, and not a wait for ever, when its status is none that HTTP has', async () => {
    const reply = answer('600 Odd', ['content-type: text/plain'], 'x')
    const odd = await rawUpstream(answering(reply, reply))
    const upstream = await simulatedPool({ pool: { baseURL: odd.origin } })
    const response = await upstream.ask('/models')
    expect(response.status).toBe(502)
    expect(await response.text()).toContain('what the upstream sent is no HTTP (status 600)')
    expect(upstream.pool.stats().inFlight).toBe(0)
  })
})
