import { describe, expect, it } from 'vitest'
import { KeyPoolError } from '../../errors.js'
import type { Flow, Sink } from './sink.js'
import { webSink } from './web-sink.js'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const broken = new KeyPoolError('stream_interrupted', 'The upstream broke off')

interface Attached {
  readonly sink: Sink
  readonly response: Promise<Response>
  /** What the sink asked of the engine. */
  readonly asked: string[]
}

function attached(signal?: AbortSignal): Attached {
  const asked: string[] = []
  const flow: Flow = { resume: () => void asked.push('resume'), abort: () => void asked.push('abort') }
  const { sink, response } = webSink(signal)
  sink.attach(flow)
  return { sink, response, asked }
}

describe('a response', () => {
  it('is there with the head, before its body', async () => {
    const { sink, response } = attached()
    sink.head(201, ['content-type', 'text/plain', 'x-a', '1', 'x-a', '2'])
    const { status, headers } = await response
    expect(status).toBe(201)
    expect([...headers]).toEqual([
      ['content-type', 'text/plain'],
      ['x-a', '1, 2'],
    ])
  })

  it('has the bytes that came, as they came, its end with the last of them', async () => {
    const { sink, response } = attached()
    sink.head(200, [])
    sink.data(text('Grüße '))
    sink.data(text('世'))
    sink.end(text('界'))
    expect(await (await response).text()).toBe('Grüße 世界')
  })

  it.each([204, 205, 304])('with status %i has no body', async (status) => {
    const { sink, response } = attached()
    sink.head(status, ['x-a', '1'])
    expect(sink.data(text('ignored'))).toBe(true)
    sink.end()
    expect((await response).body).toBeNull()
  })

  it('that stays incomplete fails for its reader, after what was there', async () => {
    const { sink, response } = attached()
    sink.head(200, [])
    sink.data(text('half'))
    const reader = (await response).body?.getReader()
    expect(await reader?.read()).toMatchObject({ value: text('half') })
    sink.fail(broken)
    await expect(reader?.read()).rejects.toBe(broken)
  })

  it('that stays incomplete is read to where it came before it fails, however late the reader', async () => {
    const { sink, response } = attached()
    sink.head(200, [])
    sink.data(text('half'))
    sink.data(text(' an answer'))
    sink.fail(broken)
    const reader = (await response).body?.getReader()
    expect(await reader?.read()).toMatchObject({ value: text('half') })
    expect(await reader?.read()).toMatchObject({ value: text(' an answer') })
    await expect(reader?.read()).rejects.toBe(broken)
  })

  it('that failed before its head rejects', async () => {
    const { sink, response } = attached()
    sink.fail(broken)
    await expect(response).rejects.toBe(broken)
  })
})

describe('a reader that is slow', () => {
  it('pauses the engine at 64 KiB, and resumes it by reading', async () => {
    const { sink, response, asked } = attached()
    sink.head(200, [])
    const reader = (await response).body?.getReader()
    asked.length = 0
    expect(sink.data(new Uint8Array(63 * 1024))).toBe(true)
    expect(sink.data(new Uint8Array(1024))).toBe(false)
    expect(asked).toEqual([])
    await reader?.read()
    await expect.poll(() => asked).toContain('resume')
    expect(sink.data(new Uint8Array(1))).toBe(true)
  })

  it('gets everything all the same', async () => {
    const { sink, response } = attached()
    sink.head(200, [])
    for (let count = 0; count < 10; count++) sink.data(new Uint8Array(32 * 1024))
    sink.end()
    expect((await (await response).arrayBuffer()).byteLength).toBe(320 * 1024)
  })
})

describe('a client that leaves', () => {
  it('by cancelling the body reaches the engine', async () => {
    const { sink, response, asked } = attached()
    sink.head(200, [])
    await (await response).body?.cancel()
    expect(asked).toContain('abort')
    expect(sink.data(text('late'))).toBe(true)
    sink.end(text('late'))
  })

  it('by its signal before the head rejects with the reason, and reaches the engine', async () => {
    const leaving = new AbortController()
    const { response, asked } = attached(leaving.signal)
    const reason = new Error('closed the tab')
    leaving.abort(reason)
    await expect(response).rejects.toBe(reason)
    expect(asked).toEqual(['abort'])
  })

  it('by its signal in the body fails the reader with the reason, and reaches the engine', async () => {
    const leaving = new AbortController()
    const { sink, response, asked } = attached(leaving.signal)
    sink.head(200, [])
    const reading = (await response).text()
    leaving.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
    expect(asked.filter((word) => word === 'abort')).toEqual(['abort'])
    sink.data(text('late'))
    sink.fail(broken)
  })

  it('before it came is told at once', async () => {
    const { response, asked } = attached(AbortSignal.abort())
    await expect(response).rejects.toMatchObject({ name: 'AbortError' })
    expect(asked).toEqual(['abort'])
  })

  it('after the end disturbs nobody', async () => {
    const leaving = new AbortController()
    const { sink, response, asked } = attached(leaving.signal)
    sink.head(200, [])
    sink.end(text('whole'))
    leaving.abort()
    expect(await (await response).text()).toBe('whole')
    expect(asked).not.toContain('abort')
  })

  it('without asking for the response leaves no unhandled rejection', async () => {
    attached(AbortSignal.abort())
    attached().sink.fail(broken)
    await new Promise((resolve) => setImmediate(resolve))
  })
})
