import { revealSecret, type Secret } from '../../key/secret.js'

const star = 0x2a
const newline = 0x0a
/** What stays readable of the token, as in its mask elsewhere. */
const shownAtStart = 5
const shownAtEnd = 4
const shortest = 20
const none = Buffer.alloc(0)

/**
 * Masks the key in the bytes of an answer that is passed on as it comes, whatever kind of answer it is: some upstreams
 * repeat what they were sent, in comments of a stream or in a list of models. Only the key as it is: a search for every
 * form of it would cost more than the rest of the relay. A mask is as long as the key, so lengths stay what they were.
 */
export class MaskedBytes {
  /** Null for a key so short that it may be a word of an answer. */
  readonly #token: string | null
  /** Bytes at the end of the last piece that may be the beginning of the key. */
  #held: Buffer = none

  constructor(secret: Secret) {
    const token = revealSecret(secret)
    this.#token = token.length >= shortest ? token : null
  }

  /** The bytes that may be passed on now. */
  push(piece: Buffer): Buffer {
    if (this.#token === null) return piece
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece])
    const masked = withMasks(bytes, this.#token)
    const held = lengthOfBeginning(masked, this.#token)
    this.#held = held === 0 ? none : Buffer.from(masked.subarray(masked.length - held))
    return held === 0 ? masked : masked.subarray(0, masked.length - held)
  }

  /** The last bytes, behind which nothing comes. */
  end(piece: Buffer): Buffer {
    if (this.#token === null) return piece
    const bytes = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece])
    this.#held = none
    return withMasks(bytes, this.#token)
  }
}

function withMasks(bytes: Buffer, token: string): Buffer {
  let at = bytes.indexOf(token, 0, 'latin1')
  if (at === -1) return bytes
  const masked = Buffer.from(bytes)
  for (; at !== -1; at = masked.indexOf(token, at + token.length, 'latin1'))
    masked.fill(star, at + shownAtStart, at + token.length - shownAtEnd)
  return masked
}

/** How many bytes at the end are a beginning of the key. */
function lengthOfBeginning(bytes: Buffer, token: string): number {
  // Events end with a line, which no key holds.
  if (bytes.length === 0 || bytes[bytes.length - 1] === newline) return 0
  const end = bytes.toString('latin1', Math.max(0, bytes.length - token.length + 1))
  const first = token[0] as string
  for (let at = end.indexOf(first); at !== -1; at = end.indexOf(first, at + 1)) {
    if (token.startsWith(end.slice(at))) return end.length - at
  }
  return 0
}
