import { Duplex, pipeline } from 'node:stream'
import * as zlib from 'node:zlib'
import { withoutHeaders } from '../wire/headers.js'

/** Makes a decoder for a body that begins with this byte. */
export type MakeDecoder = (first: number) => Duplex

/** RFC 9110 means deflate in a zlib frame, which begins with an 8; many servers send it bare. */
const inflate: MakeDecoder = (first) =>
  (first & 0x0f) === 8 ? zlib.createInflate() : zlib.createInflateRaw()

const decoders: ReadonlyMap<string, MakeDecoder> = new Map<string, MakeDecoder>([
  ['gzip', () => zlib.createGunzip()],
  ['x-gzip', () => zlib.createGunzip()],
  ['deflate', inflate],
  ['br', () => zlib.createBrotliDecompress()],
  ...zstd(),
])

/** Node knows zstd from 22.15 on. */
function zstd(): [string, MakeDecoder][] {
  const make: unknown = Reflect.get(zlib, 'createZstdDecompress')
  return typeof make === 'function' ? [['zstd', () => make() as Duplex]] : []
}

/**
 * What decodes a body that came compressed although the request asked for `identity`. Null when there is nothing to
 * decode or the coding is unknown; the client then gets the body as it is, header included.
 */
export function decodingOf(contentEncoding: string | undefined): MakeDecoder | null {
  if (contentEncoding === undefined) return null
  const codings = contentEncoding.toLowerCase().split(',').map(trimmed).filter(isCoding)
  const makers = codings.map((coding) => decoders.get(coding)).filter((maker) => maker !== undefined)
  const [first] = makers
  if (first === undefined || makers.length < codings.length || makers.length > maxCodings) return null
  return makers.length === 1 ? first : oneAfterAnother(makers.reverse())
}

/** More codings than this, one upon another, are a trap: each can make a thousand bytes of one. */
const maxCodings = 2

/** A decoder of several codings; the one that was applied last is decoded first. */
const oneAfterAnother =
  (makers: readonly MakeDecoder[]): MakeDecoder =>
  (first) => {
    const decoders = makers.map((make, at) => make(at === 0 ? first : zlibFrame))
    const whole = Duplex.from({ writable: decoders[0], readable: decoders.at(-1) })
    pipeline(decoders as [Duplex, Duplex], (error) => {
      if (error) whole.destroy(error)
    })
    return whole
  }

/** The first byte of what RFC 9110 calls deflate. */
const zlibFrame = 0x78

/** Codings have no parameters, and readers of some pass over those that a server adds. */
const trimmed = (coding: string): string => (coding.split(';', 1)[0] as string).trim()

const isCoding = (coding: string): boolean => coding !== '' && coding !== 'identity'

/** The headers of a decoded body, without its coding and the length of the coded form. */
export const decodedHeaders = (headers: readonly string[]): string[] => withoutHeaders(headers, ofCodedForm)

const ofCodedForm: ReadonlySet<string> = new Set(['content-encoding', 'content-length'])
