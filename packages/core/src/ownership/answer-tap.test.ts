import { expect, it } from 'vitest'
import type { KeyPoolError } from '../errors.js'
import type { Sink } from '../relay/client/sink.js'
import { AnswerTap } from './answer-tap.js'

/** A sink that writes down what it is told, in a word each. */
function recorded(): { sink: Sink; told: string[] } {
  const told: string[] = []
  const text = (chunk?: Uint8Array): string => (chunk === undefined ? '' : ` ${Buffer.from(chunk)}`)
  const sink: Sink = {
    attach: () => void told.push('attach'),
    head: (status) => void told.push(`head ${status}`),
    data: (chunk) => told.push(`data${text(chunk)}`) < 3,
    end: (chunk) => void told.push(`end${text(chunk)}`),
    fail: ({ code }: KeyPoolError) => void told.push(`fail ${code}`),
  }
  return { sink, told }
}

const json = ['content-type', 'application/json; charset=utf-8']

it('passes everything on at once but the end, which waits for its release', () => {
  const { sink, told } = recorded()
  const watch = new AnswerTap(sink)
  watch.attach({ resume: () => {}, abort: () => {} })
  watch.head(200, json)
  expect(watch.data(Buffer.from('{"id":'))).toBe(false)
  watch.end(Buffer.from('"file-1"}'))
  expect(told).toEqual(['attach', 'head 200', 'data {"id":'])
  expect(watch.value()).toEqual({ id: 'file-1' })
  watch.release()
  expect(told.at(-1)).toBe('end "file-1"}')
})

it.each<[string, number, string[], string]>([
  ['an error', 404, json, '{"id":"file-1"}'],
  ['no JSON', 200, ['content-type', 'audio/mpeg'], '{"id":"file-1"}'],
  ['of no type', 200, [], '{"id":"file-1"}'],
  ['broken', 200, json, '{"id":'],
  ['too large', 200, json, JSON.stringify({ id: 'x'.repeat(256 * 1024) })],
])('gives no value of an answer that is %s, and passes it on', (_, status, headers, body) => {
  const { sink, told } = recorded()
  const watch = new AnswerTap(sink)
  watch.head(status, headers)
  watch.end(Buffer.from(body))
  watch.release()
  expect(watch.value()).toBeUndefined()
  expect(told).toEqual([`head ${status}`, `end ${body}`])
})

it('gives no value of an answer that did not come to its end, and ends nothing', () => {
  const { sink, told } = recorded()
  const watch = new AnswerTap(sink)
  watch.head(200, json)
  watch.data(Buffer.from('{}'))
  watch.release()
  expect(watch.value()).toBeUndefined()
  expect(told).toEqual(['head 200', 'data {}'])
})
