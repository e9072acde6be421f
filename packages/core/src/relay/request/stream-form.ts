/**
 * How an answer is streamed: as it comes; with its text at an even pace; a stream made into one JSON reply; one JSON
 * reply made into a stream.
 */
export type StreamForm = 'relay' | 'smooth' | 'buffer' | 'stream'

export const streamForms: readonly ['relay', 'smooth', 'buffer', 'stream'] = [
  'relay',
  'smooth',
  'buffer',
  'stream',
]

const headerName = 'x-sfpool-stream'

/** The form that a request asks for in the header `x-sfpool-stream`; null for none, and for a word that is no form. */
export function askedFormOf(headers: readonly string[]): StreamForm | null {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string
    if (name.length !== headerName.length || name.toLowerCase() !== headerName) continue
    const value = (headers[at + 1] as string).trim().toLowerCase()
    return streamForms.find((form) => form === value) ?? null
  }
  return null
}
