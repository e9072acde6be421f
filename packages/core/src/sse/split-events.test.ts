import { describe, expect, it } from 'vitest'
import { dataOf, splitEvents } from './split-events.js'
import { withoutUsage } from './without-usage.js'

const split = (text: string): string[] => splitEvents(Buffer.from(text)).map(String)

describe('a stream is split', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['data: a\n\n', ['data: a\n\n']],
    ['data: a\n\ndata: b\n\n', ['data: a\n\n', 'data: b\n\n']],
    ['data: a\r\n\r\ndata: b\r\n\r\n', ['data: a\r\n\r\n', 'data: b\r\n\r\n']],
    ['data: a\r\rdata: b\r\r', ['data: a\r\r', 'data: b\r\r']],
    ['data: a\n\r\ndata: b\r\n\n', ['data: a\n\r\n', 'data: b\r\n\n']],
    [': c\nevent: x\ndata: a\n\nrest', [': c\nevent: x\ndata: a\n\n', 'rest']],
    ['\n\n', ['\n', '\n']],
  ])('%j', (stream, events) => {
    expect(split(stream)).toEqual(events)
    expect(split(stream).join('')).toBe(stream)
  })
})

describe('the data of an event', () => {
  it.each([
    ['data: a\n\n', 'a'],
    ['data:a\r\n\r\n', 'a'],
    ['data:  a\n', ' a'],
    ['\uFEFFdata: a\n\n', 'a'],
    ['event: x\ndata: a\n: c\ndata: b\r\r', 'a\nb'],
    [': c\n\n', undefined],
    ['database: a\n\n', undefined],
  ])('of %j is %j', (event, data) => {
    expect(dataOf(event)).toBe(data)
  })
})

describe('without the usage that was not asked for', () => {
  const hide = (text: string): string => withoutUsage(Buffer.from(text), text).toString()
  const delta = 'data: {"choices":[{"delta":{"content":"\\"choices\\":[]"}}],"usage":{"total_tokens":1}}\n\n'
  const usage = 'data: {"choices": [ ], "usage":{"total_tokens":1}}\n\n'

  it('only its event is missing', () => {
    expect(hide(delta + usage + delta)).toBe(delta + delta)
    expect(hide(`: c\nid: 7\n${usage}data: [DONE]\n\n`)).toBe('data: [DONE]\n\n')
  })

  it.each([
    ['events with choices', delta],
    ['no choices and no usage', 'data: {"choices":[]}\n\n'],
    ['usage of null', 'data: {"choices":[],"usage":null}\n\n'],
    ['results of a filter', 'data: {"choices":[],"usage":{},"prompt_filter_results":[{}]}\n\n'],
    ['what is no JSON', 'data: {"choices":[],"usage":{\n\n'],
    ['a comment', ': "choices":[] "usage":{}\n\n'],
  ])('there is still: %s', (_what, event) => {
    expect(hide(event)).toBe(event)
  })
})
