import { describe, expect, it } from 'vitest'
import { type FakeRuntime, fakeRuntime, promisesSettled } from '../../testing/fake-runtime.js'
import { type ManualCall, type ManualTransport, manualTransport } from '../../testing/manual-transport.js'
import { readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'

interface Waiting {
  readonly upstream: SimulatedPool
  readonly runtime: FakeRuntime
  readonly transport: ManualTransport
  readonly call: ManualCall
  readonly response: Promise<Response>
}

const output = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'

/** A request for a stream, or a reply, whose only key has begun to answer. */
async function waiting(isStream = true, timeouts: object = { idle: 3_000 }): Promise<Waiting> {
  const runtime = fakeRuntime()
  const transport = manualTransport()
  const upstream = await simulatedPool({ keys: 1, runtime, pool: { transport, timeouts } })
  await upstream.pool.ready
  const response = isStream ? upstream.stream() : upstream.chat()
  while (transport.calls.length === 0) await promisesSettled()
  const call = transport.calls[0] as ManualCall
  call.head(['content-type', isStream ? 'text/event-stream' : 'application/json'])
  return { upstream, runtime, transport, call, response }
}

/** Sends this text every second until the call is over; the seconds that took, or 100. */
function secondsOf({ call, runtime }: Waiting, sign: string): number {
  for (let seconds = 0; seconds < 100; seconds++) {
    if (call.isAborted) return seconds
    call.data(sign)
    runtime.advance(1_000)
  }
  return 100
}

const signs: [string, string][] = [
  ['comments', ': keep-alive\n\n'],
  ['blank lines', '\n'],
  ['empty data', 'data:\n\n'],
  ["Anthropic's pings", 'event: ping\ndata: {"type":"ping"}\n\n'],
  ['empty text', 'data: {"choices":[{"index":0,"delta":{"content":""}}]}\n\n'],
  ['no choices', 'data: {"choices":[]}\n\n'],
]

describe('signs of life alone are no progress', () => {
  it.each(signs)('behind output, a stream of %s ends after twice the idle time', async (_what, sign) => {
    const waited = await waiting()
    waited.call.data(output)
    expect(secondsOf(waited, sign)).toBe(6)
    const { text, error } = await readAll(await waited.response)
    expect(text).toContain('nothing but signs of life came in time')
    expect(error).toMatchObject({ code: 'stream_interrupted', param: 'timeouts.stalled' })
  })

  it.each(signs)('before output, a stream of %s ends after twice the idle time', async (_what, sign) => {
    const waited = await waiting()
    expect(secondsOf(waited, sign)).toBe(6)
    const response = await waited.response
    expect(response.status).toBe(504)
    expect(await response.json()).toMatchObject({
      error: { code: 'upstream_timeout', param: 'timeouts.stalled' },
    })
  })

  it('white space before a JSON reply ends after twice the idle time', async () => {
    const waited = await waiting(false)
    expect(secondsOf(waited, '\n')).toBe(6)
    expect((await waited.response).status).toBe(504)
  })

  it('have a limit of their own', async () => {
    const waited = await waiting(true, { idle: 3_000, stalled: 20_000 })
    expect(secondsOf(waited, ': x\n\n')).toBe(20)
  })

  it('may go on for ever when that limit is 0', async () => {
    const waited = await waiting(true, { idle: 3_000, stalled: 0, firstOutput: 0 })
    expect(secondsOf(waited, ': x\n\n')).toBe(100)
    waited.call.handler.onEnd()
  })
})

describe('a client that reads all the while', () => {
  it.each(signs)('does not keep a stream of %s alive by reading', async (_what, sign) => {
    const waited = await waiting()
    waited.call.data(output)
    const reading = readAll(await waited.response)
    let seconds = 0
    for (; seconds < 100 && !waited.call.isAborted; seconds++) {
      waited.call.data(sign)
      // Now the reader has taken it, and its stream has asked for more.
      await promisesSettled()
      waited.runtime.advance(1_000)
    }
    waited.call.handler.onEnd()
    expect(seconds).toBe(6)
    expect((await reading).error).toMatchObject({ param: 'timeouts.stalled' })
  })

  it('and pauses whenever its buffer is full does not keep a stream of large comments alive', async () => {
    const waited = await waiting()
    waited.call.data(output)
    const reading = readAll(await waited.response)
    let seconds = 0
    for (; seconds < 100 && !waited.call.isAborted; seconds++) {
      waited.call.data(`:${'x'.repeat(70_000)}\n\n`.repeat(2))
      await promisesSettled()
      waited.runtime.advance(1_000)
    }
    waited.call.handler.onEnd()
    expect(seconds).toBe(6)
    expect((await reading).error).toMatchObject({ param: 'timeouts.stalled' })
  })
})

describe('an answer that goes on is not stalled', () => {
  it.each([
    ['text', output],
    ['the same text behind a comment', `: x\n\n${output}`],
    ['a line that does not end', 'data: x'],
    ['data that nobody knows', 'data: {"step":1}\n\n'],
  ])('with %s', async (_what, piece) => {
    const waited = await waiting()
    waited.call.data(output)
    if (piece.endsWith('x')) waited.call.data(`data: ${'x'.repeat(600_000)}`)
    expect(secondsOf(waited, piece)).toBe(100)
    waited.call.handler.onEnd()
    await readAll(await waited.response)
  })

  it('with pieces of a JSON reply', async () => {
    const waited = await waiting(false)
    waited.call.data('{"choices":[{"message":{"content":"')
    expect(secondsOf(waited, 'x')).toBe(100)
    waited.call.data('"}}]}')
    waited.call.handler.onEnd()
    expect((await waited.response).status).toBe(200)
  })
})
