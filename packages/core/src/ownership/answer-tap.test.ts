import { expect, it } from 'vitest'
import type { KeyPoolError } from '../errors.js'
import type { Sink } from '../relay/client/sink.js'
import { AnswerTap } from './answer-tap.js'

/** A sink that records each call in words. */
function recorded(): { sink: Sink; calls: string[] } {
  const calls: string[] = []
  const text = (chunk?: Uint8Array): string => (chunk === undefined ? '' : ` ${Buffer.from(chunk)}`)
  const sink: Sink = {
    attach: () => void calls.push('attach'),
    head: (status) => void calls.push(`head ${status}`),
    data: (chunk) => calls.push(`data${text(chunk)}`) < 3,
    end: (chunk) => void calls.push(`end${text(chunk)}`),
    fail: ({ code }: KeyPoolError) => void calls.push(`fail ${code}`),
  }
  return { sink, calls }
}

const json = ['content-type', 'application/json; charset=utf-8']

it('an answer tap passes on all but the end at once, and the end on release', () => {
  const { sink, calls } = recorded()
  const tap = new AnswerTap(sink)
  tap.attach({ resume: () => {}, abort: () => {} })
  tap.head(200, json)
  expect(tap.data(Buffer.from('{"id":'))).toBe(false)
  tap.end(Buffer.from('"file-1"}'))
  expect(calls).toEqual(['attach', 'head 200', 'data {"id":'])
  expect(tap.value()).toEqual({ id: 'file-1' })
  tap.release()
  expect(calls.at(-1)).toBe('end "file-1"}')
})

it.each<[string, number, string[], string]>([
  ['an error', 404, json, '{"id":"file-1"}'],
  ['not JSON', 200, ['content-type', 'audio/mpeg'], '{"id":"file-1"}'],
  ['of no type', 200, [], '{"id":"file-1"}'],
  ['broken', 200, json, '{"id":'],
  ['too large', 200, json, JSON.stringify({ id: 'x'.repeat(256 * 1024) })],
])('an answer tap passes on an answer that is %s, and has no value of it', (_, status, headers, body) => {
  const { sink, calls } = recorded()
  const tap = new AnswerTap(sink)
  tap.head(status, headers)
  tap.end(Buffer.from(body))
  tap.release()
  expect(tap.value()).toBeUndefined()
  expect(calls).toEqual([`head ${status}`, `end ${body}`])
})

it('an answer tap has no value of an incomplete answer, and passes on no end', () => {
  const { sink, calls } = recorded()
  const tap = new AnswerTap(sink)
  tap.head(200, json)
  tap.data(Buffer.from('{}'))
  tap.release()
  expect(tap.value()).toBeUndefined()
  expect(calls).toEqual(['head 200', 'data {}'])
})
