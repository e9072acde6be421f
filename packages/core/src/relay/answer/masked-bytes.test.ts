import { describe, expect, it } from 'vitest'
import { Secret } from '../../key/secret.js'
import { MaskedBytes } from './masked-bytes.js'

const token = 'sk-fakefakefakesksk-0123456789abcdef'
const mask = `sk-fa${'*'.repeat(token.length - 9)}cdef`

/** What is passed on of an answer that comes in these pieces, piece by piece. */
function passed(pieces: readonly (string | Buffer)[], key = token): string[] {
  const masked = new MaskedBytes(new Secret(key))
  const bytes = pieces.map((piece) => Buffer.from(piece))
  const before = bytes.slice(0, -1).map((piece) => masked.push(piece).toString())
  return [...before, masked.end(bytes.at(-1) as Buffer).toString()]
}

describe('MaskedBytes', () => {
  it('gives the very same bytes where the key is not in them', () => {
    const piece = Buffer.from('data: {"choices":[{"delta":{"content":"sk-fake is no key"}}]}\n\n')
    expect(new MaskedBytes(new Secret(token)).push(piece)).toBe(piece)
  })

  it('masks the key as often as it comes, in as many bytes', () => {
    const [text] = passed([`: ${token}\n\n${token}${token}`])
    expect(text).toBe(`: ${mask}\n\n${mask}${mask}`)
  })

  it('masks the key wherever the answer is cut in two', () => {
    const text = `before ${token} after`
    for (let cut = 0; cut <= text.length; cut++)
      expect(passed([text.slice(0, cut), text.slice(cut)]).join('')).toBe(`before ${mask} after`)
  })

  it('masks the key when each of its bytes comes alone', () => {
    expect(passed([...`x${token}y`]).join('')).toBe(`x${mask}y`)
  })

  it('holds back only what may be the beginning of the key, and gives it with what follows', () => {
    expect(passed(['one sk-fa', 'st', ' two s', ''])).toEqual(['one ', 'sk-fast', ' two ', 's'])
  })

  it('holds nothing back behind the end of a line', () => {
    expect(passed(['data: sk-fake\n\n', ''])).toEqual(['data: sk-fake\n\n', ''])
  })

  it('leaves the bytes of an image as they are', () => {
    const image = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7) % 256))
    const masked = new MaskedBytes(new Secret(token))
    expect(Buffer.concat([masked.push(image.subarray(0, 1000)), masked.end(image.subarray(1000))])).toEqual(
      image,
    )
  })

  it('leaves a short key alone, which may be a word', () => {
    expect(passed(['x short-key y'], 'short-key')).toEqual(['x short-key y'])
  })

  it('does not change the bytes that it was given, which may be those of other answers', () => {
    const piece = Buffer.from(token)
    passed([piece])
    expect(piece.toString()).toBe(token)
  })
})
