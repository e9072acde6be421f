import * as zlib from 'node:zlib'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodedHeaders, decodingOf } from './decode.js'

async function decode(coding: string, bytes: Buffer): Promise<string> {
  const decoding = decodingOf(coding)
  if (decoding === null) throw new Error(`no decoder for ${coding}`)
  const decoder = decoding(bytes[0] ?? 0)
  decoder.end(bytes)
  return Buffer.concat(await decoder.toArray()).toString()
}

describe('decodingOf', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['gzip, identity', gzipSync],
    ['br', brotliCompressSync],
    [' GZip ', gzipSync],
    ['gzip;q=1', gzipSync],
    ['identity, gzip', gzipSync],
    ['gzip, br', (text: string) => brotliCompressSync(gzipSync(text))],
    ['gzip, deflate', (text: string) => deflateSync(gzipSync(text))],
    ['deflate, gzip', (text: string) => gzipSync(deflateSync(text))],
  ])('decodingOf decodes the coding %j', async (coding, compress) => {
    expect(await decode(coding, compress('hello 世界'))).toBe('hello 世界')
  })

  it('decodingOf decodes zstd where Node does', async () => {
    const frame = Buffer.from('28b52ffd005861000068656c6c6f20e4b896e7958c', 'hex')
    if ('createZstdDecompress' in zlib) expect(await decode('zstd', frame)).toBe('hello 世界')
    else expect(decodingOf('zstd')).toBeNull()
  })

  it.each([
    undefined,
    '',
    'identity',
    'compress',
    'gzip, snappy',
    'gzip, gzip, gzip',
    'constructor',
    '__proto__',
  ])('decodingOf gives null for the coding %j', (coding) => {
    expect(decodingOf(coding)).toBeNull()
  })

  it('a decoder of two codings reports an error of either', async () => {
    await expect(decode('gzip, br', brotliCompressSync('plain'))).rejects.toThrow()
    await expect(decode('gzip, br', Buffer.from('plain'))).rejects.toThrow()
  })

  it('a decoder reports an error for a body that is not so coded', async () => {
    await expect(decode('gzip', Buffer.from('plain'))).rejects.toThrow(/incorrect header/)
  })
})

it('the headers of a decoded body name neither its coding nor its old length', () => {
  const headers = ['content-type', 'a/b', 'content-encoding', 'gzip', 'content-length', '9', 'x-a', '1']
  expect(decodedHeaders(headers)).toEqual(['content-type', 'a/b', 'x-a', '1'])
})
