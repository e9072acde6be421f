import { describe, expect, it } from 'vitest'
import { KeyPoolError } from '../../errors.js'
import type { Flow, Sink } from './sink.js'
import { webSink } from './web-sink.js'

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const broken = new KeyPoolError('stream_interrupted', 'The upstream broke off')

interface Attached {
  readonly sink: Sink
  readonly response: Promise<Response>
  /** The calls of the sink to the engine. */
  readonly asked: string[]
}

function attached(signal?: AbortSignal): Attached {
  const asked: string[] = []
  const flow: Flow = { resume: () => void asked.push('resume'), abort: () => void asked.push('abort') }
  const { sink, response } = webSink(signal)
  sink.attach(flow)
  return { sink, response, asked }
}

describe('the response of webSink', () => {
  it('resolves with the head, before the body', async () => {
    const { sink, response } = attached()
    sink.head(201, ['content-type', 'text/plain', 'x-a', '1', 'x-a', '2'])
    const { status, headers } = await response
    expect(status).toBe(201)
    expect([...headers]).toEqual([
      ['content-type', 'text/plain'],
      ['x-a', '1, 2'],
    ])
  })

  it('has the bytes as they came, and ends with the last of them', async () => {
    const { sink, response } = attached()
    sink.head(200, [])
    sink.data(text('Grüße '))
    sink.data(text('世'))
    sink.end(text('界'))
    expect(await (await response).text()).toBe('Grüße 世界')
  })

  it.each([204, 205, 304])('has no body for status %i', async (status) => {
    const { sink, response } = attached()
    sink.head(status, ['x-a', '1'])
    expect(sink.data(text('ignored'))).toBe(true)
    sink.end()
    expect((await response).body).toBeNull()
  })

  it('fails for its reader behind the bytes that came when the answer stays incomplete', async () => {
    const { sink, response } = attached()
    sink.head(200, [])
    sink.data(text('half'))
    const reader = (await response).body?.getReader()
    expect(await reader?.read()).toMatchObject({ value: text('half') })
    sink.fail(broken)
    await expect(reader?.read()).rejects.toBe(broken)
  })

  it('gives even a late reader the bytes that came before it fails', async () => {
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

  it('rejects when the answer fails before its head', async () => {
    const { sink, response } = attached()
    sink.fail(broken)
    await expect(response).rejects.toBe(broken)
  })
})

describe('a slow reader of webSink', () => {
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

  it('gets every byte', async () => {
    const { sink, response } = attached()
    sink.head(200, [])
    for (let count = 0; count < 10; count++) sink.data(new Uint8Array(32 * 1024))
    sink.end()
    expect((await (await response).arrayBuffer()).byteLength).toBe(320 * 1024)
  })
})

describe('a client of webSink that leaves', () => {
  it('aborts the engine by cancelling the body', async () => {
    const { sink, response, asked } = attached()
    sink.head(200, [])
    await (await response).body?.cancel()
    expect(asked).toContain('abort')
    expect(sink.data(text('late'))).toBe(true)
    sink.end(text('late'))
  })

  it('aborts the engine by its signal before the head, and the response rejects with the reason', async () => {
    const leaving = new AbortController()
    const { response, asked } = attached(leaving.signal)
    const reason = new Error('closed the tab')
    leaving.abort(reason)
    await expect(response).rejects.toBe(reason)
    expect(asked).toEqual(['abort'])
  })

  it('aborts the engine by its signal in the body, and the reader fails with the reason', async () => {
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

  it('aborts the engine at once when its signal fired before', async () => {
    const { response, asked } = attached(AbortSignal.abort())
    await expect(response).rejects.toMatchObject({ name: 'AbortError' })
    expect(asked).toEqual(['abort'])
  })

  it('does not abort the engine after the end', async () => {
    const leaving = new AbortController()
    const { sink, response, asked } = attached(leaving.signal)
    sink.head(200, [])
    sink.end(text('whole'))
    leaving.abort()
    expect(await (await response).text()).toBe('whole')
    expect(asked).not.toContain('abort')
  })

  it('causes no unhandled rejection when the response is not awaited', async () => {
    attached(AbortSignal.abort())
    attached().sink.fail(broken)
    await new Promise((resolve) => setImmediate(resolve))
  })
})
