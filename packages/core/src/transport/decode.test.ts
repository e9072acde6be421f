import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodedHeaders, decoderFor } from './decode.js'

async function decode(coding: string, bytes: Buffer): Promise<string> {
  const decoder = decoderFor(coding)
  if (decoder === null) throw new Error(`no decoder for ${coding}`)
  decoder.end(bytes)
  return Buffer.concat(await decoder.toArray()).toString()
}

describe('decoderFor', () => {
  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    [' GZip ', gzipSync],
  ])('decoderFor decodes the coding %j', async (coding, compress) => {
    expect(await decode(coding, compress('hello 世界'))).toBe('hello 世界')
  })

  it.each([undefined, '', 'identity', 'zstd', 'gzip, br', 'constructor', '__proto__'])(
    'decoderFor gives null for the coding %j',
    (coding) => {
      expect(decoderFor(coding)).toBeNull()
    },
  )

  it('a decoder reports an error for a body that is not so coded', async () => {
    await expect(decode('gzip', Buffer.from('plain'))).rejects.toThrow(/incorrect header/)
  })
})

it('the headers of a decoded body name neither its coding nor its old length', () => {
  const headers = ['content-type', 'a/b', 'content-encoding', 'gzip', 'content-length', '9', 'x-a', '1']
  expect(decodedHeaders(headers)).toEqual(['content-type', 'a/b', 'x-a', '1'])
})
