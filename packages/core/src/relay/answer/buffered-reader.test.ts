import { describe, expect, it } from 'vitest'
import { openai } from '../../provider/openai.js'
import { openaiRoute } from '../../provider/openai-route.js'
import { cutAtRandom } from '../../testing/cuts.js'
import { seededRandom } from '../../testing/fake-runtime.js'
import { AnswerHead } from './answer-head.js'
import { BufferedReader } from './buffered-reader.js'

const headers = ['content-type', 'text/event-stream', 'transfer-encoding', 'x', 'x-upstream', '1']

function reader(path = '/chat/completions'): BufferedReader {
  return new BufferedReader(new AnswerHead(200, headers, openai()), openaiRoute('POST', path))
}

const delta = (content: string, tokens: number): string =>
  `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}],"usage":{"prompt_tokens":3,"completion_tokens":${tokens}}}\n\n`

const feed = (into: BufferedReader, text: string): BufferedReader => {
  into.push(Buffer.from(text))
  return into
}

describe('BufferedReader', () => {
  it('gives the same reply for any cuts of the bytes, within a character too', () => {
    const random = seededRandom(7)
    const stream = Buffer.from(
      `\uFEFF${delta('你好，世界', 1)}: ping\r\n\r\n${delta('👩‍👩‍👧', 2)}data: [DONE]\n\n`,
    )
    for (let run = 0; run < 300; run++) {
      const given = reader()
      for (const piece of cutAtRandom(stream, 1 + (run % 20), random)) expect(given.push(piece)).toBeNull()
      expect(given.isWhole).toBe(true)
      const { outcome, lastBytes } = given.end()
      expect(outcome.kind).toBe('success')
      expect(JSON.parse(String(lastBytes)).choices[0].message.content).toBe('你好，世界👩‍👩‍👧')
    }
  })

  it('gives the headers of one reply', () => {
    const given = feed(reader(), `${delta('Hi', 1)}data: [DONE]\n\n`)
    const { lastBytes } = given.end()
    expect(given.headers.join()).not.toContain('event-stream')
    expect(given.headers).toEqual(expect.arrayContaining(['content-type', 'application/json', 'x-upstream']))
    expect(given.headers[given.headers.indexOf('content-length') + 1]).toBe(String(lastBytes?.length))
  })

  it('awaits output until the first output', () => {
    const given = feed(reader(), delta('', 0))
    expect(given.isAwaitingOutput).toBe(true)
    expect(feed(given, delta('Hi', 1)).isAwaitingOutput).toBe(false)
  })

  it('reports the usage so far, also of a stream that broke off', () => {
    const given = feed(reader(), delta('a', 1) + delta('b', 2))
    expect(given.usage()).toMatchObject({ promptTokens: 3, completionTokens: 2 })
    expect(given.end()).toMatchObject({ outcome: { kind: 'truncated' }, lastBytes: null, reply: null })
  })

  it('ends with an error that the stream reports, wherever it stands', () => {
    const error = 'data: {"error":{"message":"busy","type":"server_error"}}\n\n'
    const early = feed(reader(), error)
    expect(early.failure).toMatchObject({
      outcome: { kind: 'upstream-error', fault: 'overload', message: 'busy' },
    })
    expect(early.failure?.outcome.maybeRan).toBeUndefined()
    const late = feed(feed(reader(), delta('a', 1)), error)
    expect(late.failure).toMatchObject({ outcome: { maybeRan: true }, reply: { status: 503 } })
    expect(late.end()).toBe(late.failure)
  })

  it('ends with an empty answer when the stream brought nothing and gave no reason', () => {
    const finish = (reason: string): string =>
      `data: {"choices":[{"index":0,"delta":{},"finish_reason":"${reason}"}]}\n\ndata: [DONE]\n\n`
    expect(feed(reader(), finish('stop')).end()).toMatchObject({
      isEmpty: true,
      lastBytes: null,
      reply: { status: 200 },
    })
    expect(feed(reader(), finish('length')).end()).toMatchObject({
      outcome: { kind: 'success' },
      reply: null,
    })
  })

  it('is whole at the end mark of an Anthropic stream', () => {
    const given = feed(
      reader('/messages'),
      'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hi"}}\n\n',
    )
    expect(given.isWhole).toBe(false)
    const { lastBytes } = feed(given, 'event: message_stop\ndata: {"type":"message_stop"}\n\n').end()
    expect(JSON.parse(String(lastBytes))).toEqual({ content: [{ type: 'text', text: 'Hi' }] })
  })
})
