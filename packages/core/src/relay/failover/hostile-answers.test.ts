import { describe, expect, it } from 'vitest'
import type { PoolOptions } from '../../pool-options.js'
import { generic } from '../../provider/generic.js'
import { type ScriptedAnswer, scriptedTransport } from '../../testing/scripted-transport.js'
import { model, readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'

/** A pool of two keys whose first call gets this answer, and the second a good one. */
async function answered(answer: ScriptedAnswer, pool: PoolOptions = {}): Promise<SimulatedPool> {
  let calls = 0
  const transport = scriptedTransport(() => (calls++ === 0 ? answer : good))
  const upstream = await simulatedPool({ pool: { transport, ...pool } })
  await upstream.pool.ready
  return upstream
}

const text = 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
const good: ScriptedAnswer = { chunks: [Buffer.from(`${text}data: [DONE]\n\n`)] }

const repeated = (unit: string, size: number): Buffer => Buffer.alloc(size, unit)

const mega = 1024 * 1024

describe('a stream that no observer can hold', () => {
  it.each([
    ['one line that never ends', 'x', ''],
    ['one data line that never ends', 'x', 'data: '],
    ['data lines without a blank one', 'data: xxxxxxxx\n', ''],
    ['empty data lines without a blank one', 'data:\n', ''],
    ['lines that are no fields', 'x\n', ''],
    ['lines that end with CR', 'x\r', ''],
    ['a comment that never ends', 'x', ': '],
  ])('goes on byte by byte, and what follows it is still understood: %s', async (_what, unit, start) => {
    const piece = repeated(unit, mega)
    const chunks = [
      Buffer.from(text.replace('"stop"', 'null')),
      Buffer.from(start),
      ...Array.from({ length: 24 }, () => piece),
      Buffer.from(`\n\n${text}data: [DONE]\n\n`),
    ]
    const upstream = await answered({ chunks })
    const response = await upstream.stream()
    let size = 0
    let end = ''
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      end = `${end}${Buffer.from(chunk.subarray(-200)).toString('latin1')}`.slice(-200)
    }
    expect(size).toBe(chunks.reduce((sum, { length }) => sum + length, 0))
    expect(end).toMatch(/data: \[DONE\]\n\n$/)
    expect(upstream.pool.stats()).toMatchObject({ successes: 1, failures: {}, inFlight: 0 })
  })

  it('is still a cut when it breaks off, however long its last event was', async () => {
    const chunks = [
      Buffer.from(text),
      Buffer.from('data: '),
      ...Array.from({ length: 4 }, () => repeated('x', mega)),
    ]
    const upstream = await answered({ chunks, ending: 'reset' })
    expect((await readAll(await upstream.stream())).error).toMatchObject({ code: 'stream_interrupted' })
  })
})

describe('a stream that cannot be put together', () => {
  const nested = (open: string, close: string): string => `${open.repeat(20_000)}1${close.repeat(20_000)}`

  it.each([
    ['objects in objects', nested('{"a":', '}')],
    ['lists in lists', nested('[', ']')],
  ])('is answered by the next key: %s', async (_what, value) => {
    const event = `data: {"choices":[{"index":0,"delta":{"content":${value}},"finish_reason":"stop"}]}\n\n`
    const upstream = await answered(
      { chunks: [Buffer.from(`${event}data: [DONE]\n\n`)] },
      { streams: { mode: 'buffer' } },
    )
    const response = await upstream.chat()
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hi' } }] })
  })

  it('has a hundred thousand choices, and calls, in linear time', async () => {
    const call = (index: number): string => `{"index":0,"delta":{"tool_calls":[{"index":${index}}]}}`
    const chunks = Array.from({ length: 100 }, (_, at) => {
      const events = Array.from({ length: 1_000 }, (__, each) => {
        const index = 1_000 * at + each
        return `data: {"choices":[{"index":${index},"delta":{"content":"x"}},${call(index)}]}\n\n`
      })
      return Buffer.from(events.join(''))
    })
    const upstream = await answered(
      { chunks: [...chunks, Buffer.from('data: [DONE]\n\n')] },
      { streams: { mode: 'buffer' } },
    )
    const reply = (await (await upstream.chat()).json()) as {
      choices: { message: { tool_calls?: object[] } }[]
    }
    expect(reply.choices).toHaveLength(100_000)
    expect(reply.choices[0]?.message.tool_calls).toHaveLength(100_000)
  })
})

it('an error that is nested too deep to be written again goes on as it is', async () => {
  const body = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  const upstream = await answered({
    status: 400,
    headers: ['content-type', 'application/json'],
    chunks: [Buffer.from(body)],
  })
  const response = await upstream.chat()
  expect(response.status).toBe(400)
  expect(await response.text()).toBe(body)
})

it('a pace is kept for a chunk of any number of events', async () => {
  const chunks = [Buffer.from(text), repeated('\n', 300_000), Buffer.from('data: [DONE]\n\n')]
  const upstream = await answered({ chunks }, { streams: { mode: 'smooth' } })
  const { text: received, error } = await readAll(await upstream.stream())
  expect(error).toBeNull()
  expect(received).toHaveLength(text.length + 300_000 + 'data: [DONE]\n\n'.length)
})

describe('an error in our own work on an answer', () => {
  const faulty = {
    ...generic('http://127.0.0.1:1'),
    classify: () => {
      throw new RangeError('no such thing')
    },
  }

  it.each<[string, ScriptedAnswer]>([
    ['at its end', { status: 500, headers: [], chunks: [Buffer.from('no')] }],
    ['in the middle', { chunks: [Buffer.from('data: {"error":{"message":"busy"}}\n\n')] }],
  ])('ends that attempt, and nothing else: %s', async (_when, answer) => {
    const upstream = await answered(answer, { provider: faulty, baseURL: undefined as never })
    const response = await upstream.pool.fetch(`${upstream.pool.baseURL}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model, stream: true, messages: [] }),
    })
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    expect((await readAll(response)).text).toContain('Hi')
    expect(upstream.pool.stats()).toMatchObject({ inFlight: 0 })
  })
})
