import { describe, expect, it } from 'vitest'
import { dataOf, splitEvents } from './split-events.js'
import { withoutUsage } from './without-usage.js'

const split = (text: string): string[] => splitEvents(Buffer.from(text)).map(String)

describe('splitEvents', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['data: a\n\n', ['data: a\n\n']],
    ['data: a\n\ndata: b\n\n', ['data: a\n\n', 'data: b\n\n']],
    ['data: a\r\n\r\ndata: b\r\n\r\n', ['data: a\r\n\r\n', 'data: b\r\n\r\n']],
    ['data: a\r\rdata: b\r\r', ['data: a\r\r', 'data: b\r\r']],
    ['data: a\n\r\ndata: b\r\n\n', ['data: a\n\r\n', 'data: b\r\n\n']],
    [': c\nevent: x\ndata: a\n\nunended', [': c\nevent: x\ndata: a\n\n', 'unended']],
    ['\n\n', ['\n', '\n']],
  ])('splits %j into its events', (stream, events) => {
    expect(split(stream)).toEqual(events)
    expect(split(stream).join('')).toBe(stream)
  })
})

describe('dataOf', () => {
  it.each([
    ['data: a\n\n', 'a'],
    ['data:a\r\n\r\n', 'a'],
    ['data:  a\n', ' a'],
    ['\uFEFFdata: a\n\n', 'a'],
    ['event: x\ndata: a\n: c\ndata: b\r\r', 'a\nb'],
    [': c\n\n', undefined],
    ['database: a\n\n', undefined],
  ])('finds in %j the data %j', (event, data) => {
    expect(dataOf(event)).toBe(data)
  })
})

describe('withoutUsage', () => {
  const hide = (text: string): string => withoutUsage(Buffer.from(text), text).toString()
  const delta = 'data: {"choices":[{"delta":{"content":"\\"choices\\":[]"}}],"usage":{"total_tokens":1}}\n\n'
  const usage = 'data: {"choices": [ ], "usage":{"total_tokens":1}}\n\n'

  it('drops only the event that brings the usage', () => {
    expect(hide(delta + usage + delta)).toBe(delta + delta)
    expect(hide(`: c\nid: 7\n${usage}data: [DONE]\n\n`)).toBe('data: [DONE]\n\n')
  })

  it.each([
    ['events with choices', delta],
    ['no choices and no usage', 'data: {"choices":[]}\n\n'],
    ['usage of null', 'data: {"choices":[],"usage":null}\n\n'],
    ['results of a filter', 'data: {"choices":[],"usage":{},"prompt_filter_results":[{}]}\n\n'],
    ['data that is not JSON', 'data: {"choices":[],"usage":{\n\n'],
    ['a comment', ': "choices":[] "usage":{}\n\n'],
  ])('keeps %s', (_what, event) => {
    expect(hide(event)).toBe(event)
  })
})
