import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { expect, it } from 'vitest'
import { KeyPoolError } from '../errors.js'
import { openaiRoute } from '../provider/openai-route.js'
import { encodeError } from './encode-error.js'

const error = new KeyPoolError('stream_interrupted', 'It broke off:\n\n"at" 世界\r')

function eventsOf(bytes: Buffer): EventSourceMessage[] {
  const events: EventSourceMessage[] = []
  createParser({ onEvent: (event) => events.push(event) }).feed(bytes.toString())
  return events
}

it.each(['/chat/completions', '/completions', '/audio/speech', '/unheard-of'])(
  'encodeError writes an event for a stream of %s that OpenAI clients raise',
  (path) => {
    const [event, ...more] = eventsOf(encodeError(error, openaiRoute('POST', path)))
    expect(more).toEqual([])
    expect(event?.event).toBeUndefined()
    expect(JSON.parse(event?.data ?? '')).toEqual({
      error: { message: error.message, type: 'server_error', code: 'stream_interrupted', param: null },
    })
  },
)

it('encodeError writes an event for a stream of /messages that Anthropic clients raise', () => {
  const [event, ...more] = eventsOf(encodeError(error, openaiRoute('POST', '/messages')))
  expect(more).toEqual([])
  expect(event?.event).toBe('error')
  expect(JSON.parse(event?.data ?? '')).toEqual({
    type: 'error',
    error: { type: 'api_error', message: error.message },
  })
})

it('encodeError writes two lines at most, for any message', () => {
  for (const path of ['/messages', '/chat/completions'])
    expect(String(encodeError(error, openaiRoute('POST', path)))).toMatch(
      /^(event: error\n)?data: [^\r\n]+\n\n$/,
    )
})
