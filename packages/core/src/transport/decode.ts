import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { withoutHeaders } from '../wire/headers.js'

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
export const decodedHeaders = (headers: readonly string[]): string[] => withoutHeaders(headers, ofCodedForm)

const ofCodedForm: ReadonlySet<string> = new Set(['content-encoding', 'content-length'])
