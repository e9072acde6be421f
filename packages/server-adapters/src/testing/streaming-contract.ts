import { connect } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { StartApp } from './app.js'
import { chat, onlyRequest, type Stage, stage } from './stage.js'

/** Tests that streams pass without delay, and that either end is closed at once when the other is gone. */
export function streamingContract(start: StartApp): void {
  describe('a stream', () => {
    promptStreams(start)
    brokenStreams(start)
    slowReaders(start)
  })
}

/** Tests that streams pass at once, and end when the client leaves. */
function promptStreams(start: StartApp): void {
  it('a stream passes event by event unchanged, to its one end mark', async () => {
    const at = await stage(start)
    const direct = await fetch(`${at.sim.sites.cn.baseURL}/chat/completions`, {
      ...chat({ stream: true }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${at.keys[0]}` },
    })
    const answer = await fetch(`${at.url}/v1/chat/completions`, chat({ stream: true }))
    expect(answer.headers.get('content-type')).toBe(direct.headers.get('content-type'))
    const text = await answer.text()
    expect(text.match(/\[DONE\]/g)).toHaveLength(1)
    expect(shape(text)).toBe(shape(await direct.text()))
  })

  it('the first output of a stream arrives before the upstream has finished', async () => {
    const at = await stage(start)
    at.sim.faults.add({ fault: { kind: 'hang', at: 'mid-body', afterEvents: 4 } })
    const abort = new AbortController()
    const answer = await fetch(`${at.url}/v1/chat/completions`, {
      ...chat({ stream: true }),
      signal: abort.signal,
    })
    const first = await answer.body?.getReader().read()
    expect(Buffer.from(first?.value ?? []).toString()).toContain('data:')
    expect(onlyRequest(at).finishedAt).toBeUndefined()
    abort.abort()
  })

  it.each([
    ['in the middle of a stream', { kind: 'hang', at: 'mid-body', afterEvents: 4 } as const, true],
    ['before there is an answer', { kind: 'hang', at: 'before-headers' } as const, false],
  ])('the upstream call ends at once when the client leaves %s', async (_when, fault, hasAnswer) => {
    const at = await stage(start)
    at.sim.faults.add({ fault, times: 1 })
    const abort = new AbortController()
    const answer = fetch(`${at.url}/v1/chat/completions`, {
      ...chat({ stream: true }),
      signal: abort.signal,
    })
    answer.catch(() => {})
    if (hasAnswer) await (await answer).body?.getReader().read()
    else await vi.waitFor(() => expect(at.sim.requests).toHaveLength(1), { timeout: 60_000 })
    abort.abort()
    await vi.waitFor(() => expect(onlyRequest(at).abortedAt).toBeDefined(), { timeout: 60_000 })
    expect(at.pool.stats().keys.ready).toBe(2)
  })
}

/** Tests streams that the upstream breaks off. */
function brokenStreams(start: StartApp): void {
  it('a stream does not end cleanly when the upstream breaks off', async () => {
    const at = await stage(start)
    at.sim.faults.add({ fault: { kind: 'reset', at: 'mid-body', afterEvents: 4 } })
    const answer = await fetch(`${at.url}/v1/chat/completions`, chat({ stream: true }))
    expect(answer.status).toBe(200)
    const { text, error } = await readToEnd(answer)
    expect(text).not.toContain('[DONE]')
    expect(error ?? text).toBeTruthy()
    expect(error !== undefined || text.includes('stream_interrupted')).toBe(true)
  })
}

/** Tests that a slow client slows the upstream down. */
function slowReaders(start: StartApp): void {
  it('a stream keeps the pace of a slow reader', async () => {
    const at = await stage(start)
    at.sim.settings.update({ replyTokens: 200_000 })
    const socket = connect({ port: at.app.port, host: '127.0.0.1' })
    onTestFinished(() => {
      socket.destroy()
    })
    const body = String(chat({ stream: true, max_tokens: 200_000 }).body)
    socket.pause()
    socket.write(
      `POST ${new URL(at.url).pathname.replace(/\/$/, '')}/v1/chat/completions HTTP/1.1\r\nhost: a\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    const stalled = await whenStalled(at)
    expect(onlyRequest(at).finishedAt).toBeUndefined()
    socket.resume()
    await vi.waitFor(() => expect(onlyRequest(at).finishedAt).toBeDefined(), { timeout: 120_000 })
    expect(onlyRequest(at).responseBytes).toBeGreaterThan(stalled)
  })
}

/** Waits until the upstream has stopped sending and returns how many bytes it has sent. */
async function whenStalled(at: Stage): Promise<number> {
  let before = -1
  await vi.waitFor(
    () => {
      const sent = at.sim.requests[0]?.responseBytes ?? 0
      const isStill = sent > 0 && sent === before
      before = sent
      expect(isStill).toBe(true)
    },
    { timeout: 120_000, interval: 300 },
  )
  return before
}

async function readToEnd(answer: Response): Promise<{ text: string; error: unknown }> {
  let text = ''
  try {
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString()
    }
  } catch (error) {
    return { text, error }
  }
  return { text, error: undefined }
}

/** A stream without what differs between two calls: ids, times and the text itself. */
function shape(text: string): string {
  return text.replace(/"(?:id|content|reasoning_content)":"[^"]*"/g, '""').replace(/"created":\d+/g, '0')
}
