import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

const decoders: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/**
 * A decoder for a body that came compressed although the request asked for `identity`. Null when there is nothing to
 * decode or the coding is unknown; the client then gets the body as it is, header included.
 */
export function decoderFor(contentEncoding: string | undefined): Transform | null {
  return decoders.get(contentEncoding?.trim().toLowerCase() ?? '')?.() ?? null
}

/** The headers of a decoded body, without its coding and the length of the coded form. */
export function decodedHeaders(headers: readonly string[]): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string
    if (name !== 'content-encoding' && name !== 'content-length') kept.push(name, headers[at + 1] as string)
  }
  return kept
}
