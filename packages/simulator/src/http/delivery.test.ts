import { expect, test } from 'vitest'
import { errorNames, errorSamples } from '../errors/error-samples.js'
import type { Fault } from '../faults/fault.js'
import { ask, eventsOf, hello, send } from '../testing/ask.js'
import { createManualClock } from '../testing/manual-clock.js'
import { rawExchange } from '../testing/raw-exchange.js'
import { type Running, running } from '../testing/running.js'

const chat = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: hello }
const stream = { ...chat, stream: true }

async function withFault(fault: Fault): Promise<Running> {
  const started = await running()
  started.sim.faults.add({ fault })
  return started
}

/** Observes an answer over a plain socket: the status line, the text of the body, and how it ended. */
async function overSocket(
  fault: Fault,
  body: unknown,
): Promise<{ status: string; text: string; ending: string }> {
  const { sim, key } = await withFault(fault)
  const { bytes, ending } = await rawExchange({ port: sim.sites.cn.port, key, body })
  const text = bytes.toString('latin1')
  const [head = ''] = text.split('\r\n', 1)
  const start = text.indexOf('\r\n\r\n')
  return { status: head, text: start < 0 ? '' : text.slice(start + 4), ending }
}

function events(text: string): string[] {
  return text.match(/data: .*/g) ?? []
}

test.each(errorNames)('the error %s is answered byte for byte', async (name) => {
  const { url, key } = await withFault({ kind: 'error', name })
  const answer = await ask(`${url}/chat/completions`, { key, body: chat })
  const { status, body, contentType } = errorSamples[name]
  expect(answer).toMatchObject({ status, text: body })
  expect(answer.headers.get('content-type')).toBe(contentType)
})

test('an error may come with another status, such as 200', async () => {
  const { url, key } = await withFault({ kind: 'error', name: 'ip-banned', status: 200 })
  const answer = await ask(`${url}/chat/completions`, { key, body: chat })
  expect(answer).toMatchObject({ status: 200, json: { code: 50_603 } })
})

test('an answer fault gives any answer, as text or as JSON', async () => {
  const { sim, url, key } = await withFault({
    kind: 'answer',
    status: 418,
    body: { tea: true },
    headers: { 'X-Pot': '1' },
  })
  const first = await ask(`${url}/models`, { key })
  expect(first).toMatchObject({ status: 418, json: { tea: true } })
  expect(first.headers.get('x-pot')).toBe('1')
  sim.faults.clear()
  sim.faults.add({
    fault: { kind: 'answer', status: 502, body: '<html>', headers: { 'content-type': 'text/html' } },
  })
  const second = await ask(`${url}/models`, { key })
  expect([second.status, second.text, second.headers.get('content-type')]).toEqual([
    502,
    '<html>',
    'text/html',
  ])
})

test('a reset fault is applied before the headers, after them or in the body', async () => {
  const before = await overSocket({ kind: 'reset', at: 'before-headers' }, chat)
  expect(before).toEqual({ status: '', text: '', ending: 'ECONNRESET' })
  const after = await overSocket({ kind: 'reset', at: 'after-headers' }, chat)
  expect(after).toEqual({ status: 'HTTP/1.1 200 OK', text: '', ending: 'ECONNRESET' })
  const within = await overSocket({ kind: 'reset', at: 'mid-body' }, chat)
  expect(within).toMatchObject({ status: 'HTTP/1.1 200 OK', ending: 'ECONNRESET' })
  expect(within.text).toMatch(/^\{"id".*[^}]$/s)
  const streaming = await overSocket({ kind: 'reset', at: 'mid-body', afterEvents: 5 }, stream)
  expect(streaming.ending).toBe('ECONNRESET')
  expect(events(streaming.text)).toHaveLength(5)
})

test('a close fault ends the connection in an orderly way, but too early', async () => {
  const before = await overSocket({ kind: 'close', at: 'before-headers' }, chat)
  expect(before).toEqual({ status: '', text: '', ending: 'end' })
  const streaming = await overSocket({ kind: 'close', at: 'mid-body', afterEvents: 2 }, stream)
  expect(streaming.ending).toBe('end')
  expect(events(streaming.text)).toHaveLength(2)
  expect(streaming.text.endsWith('0\r\n\r\n')).toBe(false)
})

test('a hang fault keeps the connection open and sends nothing more', async () => {
  const before = await overSocket({ kind: 'hang', at: 'before-headers' }, chat)
  expect(before).toEqual({ status: '', text: '', ending: 'open' })
  const after = await overSocket({ kind: 'hang', at: 'after-headers' }, stream)
  expect(after).toEqual({ status: 'HTTP/1.1 200 OK', text: '', ending: 'open' })
  const within = await overSocket({ kind: 'hang', at: 'mid-body' }, stream)
  expect([within.ending, events(within.text).length]).toEqual(['open', 3])
})

test('a truncated answer ends properly for HTTP but is incomplete', async () => {
  const { sim, url, key } = await withFault({ kind: 'truncate' })
  const half = await ask(`${url}/chat/completions`, { key, body: chat })
  expect([half.status, half.json]).toEqual([200, undefined])
  const noDone = eventsOf((await ask(`${url}/chat/completions`, { key, body: stream })).text)
  expect(JSON.parse(noDone.at(-1) ?? '').choices[0].finish_reason).toBe('stop')
  sim.faults.clear()
  sim.faults.add({ fault: { kind: 'truncate', afterEvents: 4 } })
  expect(eventsOf((await ask(`${url}/chat/completions`, { key, body: stream })).text)).toHaveLength(4)
})

test('an error event has the requested place, shape and ending', async () => {
  const { sim, url, key } = await running()
  const fault = { kind: 'error-event', name: 'overloaded' } as const
  const body = errorSamples.overloaded.body
  const streamed = async (more: Partial<Extract<Fault, { kind: 'error-event' }>>): Promise<string[]> => {
    sim.faults.clear()
    sim.faults.add({ fault: { ...fault, ...more } })
    return eventsOf((await ask(`${url}/chat/completions`, { key, body: stream })).text)
  }
  expect(await streamed({ afterEvents: 0 })).toEqual([body])
  expect((await streamed({ afterEvents: 1, shape: 'wrapped' }))[1]).toBe(`{"error":${body}}`)
  expect(await streamed({})).toHaveLength(4)
  expect((await streamed({ ending: 'done' })).slice(-2)).toEqual([body, '[DONE]'])
  await expect(streamed({ ending: 'close' })).rejects.toThrow('terminated')
  const whole = await ask(`${url}/chat/completions`, { key, body: chat })
  expect(whole).toMatchObject({ status: 200, text: body })
})

test('a delay fault delays the first byte or pauses for the given time', async () => {
  const clock = createManualClock()
  const { sim, url, key } = await running({}, clock)
  sim.faults.add({ fault: { kind: 'delay', at: 'before-headers', ms: 60_000 } })
  sim.faults.add({ fault: { kind: 'delay', at: 'mid-body', afterEvents: 2, ms: 30_000 } })
  const started = clock.now()
  const asked = ask(`${url}/chat/completions`, { key, body: stream })
  await clock.waitForTimer()
  expect(sim.requests[0]?.status).toBeUndefined()
  clock.advance(60_000)
  await clock.waitForTimer()
  expect(sim.requests[0]).toMatchObject({ status: 200, eventCount: 2 })
  clock.advance(30_000)
  expect((await asked).text).toContain('[DONE]')
  expect(sim.requests[0]?.finishedAt).toBe(started + 90_000)
})

test('the settings set the pace of a stream, and a request may override it', async () => {
  const clock = createManualClock()
  const { sim, url, key } = await running({ settings: { eventMs: 1000, replyTokens: 1 } }, clock)
  const asked = ask(`${url}/chat/completions`, { key, body: stream })
  for (const count of [1, 2, 3]) {
    await clock.waitForTimer()
    expect(sim.requests[0]?.eventCount).toBe(count)
    clock.advance(1000)
  }
  expect(eventsOf((await asked).text)).toHaveLength(4)
  const unpaced = await ask(`${url}/chat/completions`, {
    key,
    body: { ...stream, metadata: { sim_event_ms: '0' } },
  })
  expect(eventsOf(unpaced.text)).toHaveLength(4)
})

test.each(['utf8', 'bytes', 'random'] as const)('chunks cut by %s contain the same bytes', async (cut) => {
  const { sim, url, key } = await running({ settings: { replyTokens: 40 } })
  const body = { ...stream, seed: 3, metadata: { sim_text: '你好 😀 world' } }
  const strip = (text: string): string =>
    text.replaceAll(/"id":"[0-9a-f]+","object":"[^"]+","created":\d+/g, '')
  const whole = await ask(`${url}/chat/completions`, { key, body })
  sim.faults.add({ fault: { kind: 'chunks', cut } })
  const response = await send(`${url}/chat/completions`, { key, body })
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body ?? []) chunks.push(chunk)
  expect(strip(Buffer.concat(chunks).toString())).toBe(strip(whole.text))
})

test('cuts inside characters produce chunks that are not valid UTF-8', async () => {
  const { sim, key } = await withFault({ kind: 'chunks', cut: 'utf8' })
  const body = { ...stream, metadata: { sim_text: '你好' } }
  const { bytes } = await rawExchange({ port: sim.sites.cn.port, key, body })
  const frames = bytes.toString('latin1').split(/\r\n[0-9a-f]+\r\n/)
  const damaged = frames
    .slice(1)
    .filter((frame) => Buffer.from(frame, 'latin1').toString('utf8').includes('\ufffd'))
  expect(damaged.length).toBeGreaterThan(1)
})

test.each(['gzip', 'br', 'deflate'] as const)(
  'a compress fault with %s compresses event by event, whatever the client accepts',
  async (encoding) => {
    const { url, key } = await withFault({ kind: 'compress', encoding })
    const whole = await ask(`${url}/chat/completions`, {
      key,
      body: chat,
      headers: { 'accept-encoding': 'identity' },
    })
    expect(whole.headers.get('content-encoding')).toBe(encoding)
    expect(whole.json).toMatchObject({ object: 'chat.completion' })
    const streamed = await ask(`${url}/chat/completions`, { key, body: stream })
    expect(streamed.headers.get('content-encoding')).toBe(encoding)
    expect(eventsOf(streamed.text).at(-1)).toBe('[DONE]')
  },
)

test('compression can be combined with other faults', async () => {
  const { sim, url, key } = await withFault({ kind: 'compress', encoding: 'gzip' })
  sim.faults.add({ fault: { kind: 'reset', at: 'mid-body', afterEvents: 3 } })
  const response = await send(`${url}/chat/completions`, { key, body: stream })
  const decoder = new TextDecoder()
  let text = ''
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
  })()
  await expect(reading).rejects.toThrow('terminated')
  expect(eventsOf(text)).toHaveLength(3)
})

test('the settings can negotiate compression and set a cookie', async () => {
  const { url, key } = await running({ settings: { compression: 'negotiate', setCookie: 'sid=1; Path=/' } })
  const asked = await ask(`${url}/models`, { key, headers: { 'accept-encoding': 'gzip' } })
  expect([asked.headers.get('content-encoding'), asked.headers.get('set-cookie')]).toEqual([
    'gzip',
    'sid=1; Path=/',
  ])
  const plain = await ask(`${url}/models`, { key, headers: { 'accept-encoding': 'identity' } })
  expect(plain.headers.get('content-encoding')).toBeNull()
})

test('the four kinds of empty replies have no content', async () => {
  const { sim, url, key } = await running()
  const reply = async (kind: 'content' | 'choices' | 'reasoning' | 'role'): Promise<unknown> => {
    sim.faults.clear()
    sim.faults.add({ fault: { kind: 'empty-reply', reply: kind } })
    return (await ask(`${url}/chat/completions`, { key, body: chat })).json
  }
  const empty = { choices: [{ message: { role: 'assistant', content: '' }, finish_reason: 'stop' }] }
  expect(await reply('content')).toMatchObject(empty)
  expect(await reply('choices')).toMatchObject({ choices: [] })
  expect(await reply('reasoning')).toMatchObject({
    choices: [{ message: { content: '', reasoning_content: expect.stringMatching(/./) } }],
  })
  sim.faults.clear()
  sim.faults.add({ fault: { kind: 'empty-reply', reply: 'role' } })
  const { bytes, ending } = await rawExchange({ port: sim.sites.cn.port, key, body: stream })
  expect([events(bytes.toString()).length, ending]).toEqual([1, 'end'])
})

test('a call with the fault option executed runs although its answer is never sent', async () => {
  const { sim, url, key } = await running()
  const fault = { kind: 'reset', at: 'before-headers' } as const
  sim.faults.add({ fault, times: 1 })
  await expect(ask(`${url}/chat/completions`, { key, body: chat })).rejects.toThrow('fetch failed')
  expect(sim.accounts.get('account-1')?.ledger).toHaveLength(0)
  sim.faults.add({ fault: { ...fault, executed: true }, times: 1 })
  await expect(ask(`${url}/chat/completions`, { key, body: chat })).rejects.toThrow('fetch failed')
  expect(sim.accounts.get('account-1')?.ledger).toHaveLength(1)
})
