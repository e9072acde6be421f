import { rawHeaderValue } from '../../wire/headers.js'

/**
 * How an answer is streamed: `relay` as it comes, `smooth` with its text at an even pace, `buffer` a stream made into
 * one JSON reply, `stream` one JSON reply made into a stream.
 */
export type StreamForm = 'relay' | 'smooth' | 'buffer' | 'stream'

export const streamForms: readonly ['relay', 'smooth', 'buffer', 'stream'] = [
  'relay',
  'smooth',
  'buffer',
  'stream',
]

const headerName = 'x-sfpool-stream'

/** The form that a request asks for in the header `x-sfpool-stream`; null for none, and for an unknown word. */
export function askedFormOf(headers: readonly string[]): StreamForm | null {
  const value = rawHeaderValue(headers, headerName)?.trim().toLowerCase()
  return value === undefined ? null : (streamForms.find((form) => form === value) ?? null)
}
