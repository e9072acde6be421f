import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomFillSync,
} from 'node:crypto'

/** Seals texts under one secret, and opens them again. */
export interface Sealer {
  /** Names the secret without telling it, so that people can compare secrets. */
  readonly name: string
  /** Seals a text for one place: at another place it does not open. Sealing twice gives different results. */
  seal(place: string, text: string): string
  /** The text; undefined when it was changed, moved from another place, or sealed under another secret. */
  open(place: string, sealed: string): string | undefined
  /** The same for the same text, and useless without the secret. */
  fingerprint(text: string): string
}

/** Opens sealed texts. */
export type Opener = Pick<Sealer, 'open'>

const algorithm = 'aes-256-gcm'
const keyBytes = 32
/** 96 random bits: safe for some billions of seals under one key. */
const nonceBytes = 12
const tagBytes = 16

/**
 * Makes a sealer of 32 bytes that nobody can guess. Each use has a key of its own, because one key for two algorithms
 * is proven safe for neither. A sealed text is `base64(nonce, AES-256-GCM ciphertext, tag)`.
 */
export function createSealer(master: Uint8Array, salt: Uint8Array): Sealer {
  const subkey = (use: string): Buffer => Buffer.from(hkdfSync('sha256', master, salt, use, keyBytes))
  const sealKey = createSecretKey(subkey('sfpool seal'))
  const fingerprintKey = createSecretKey(subkey('sfpool fingerprint'))
  return {
    name: subkey('sfpool name').toString('hex').slice(0, 16),
    seal(place, text) {
      const nonce = nextNonce()
      const cipher = createCipheriv(algorithm, sealKey, nonce)
      cipher.setAAD(Buffer.from(place))
      const parts = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return Buffer.concat(parts).toString('base64')
    },
    open(place, sealed) {
      const bytes = Buffer.from(sealed, 'base64')
      const end = bytes.length - tagBytes
      if (end < nonceBytes) return undefined
      const decipher = createDecipheriv(algorithm, sealKey, bytes.subarray(0, nonceBytes))
      decipher.setAAD(Buffer.from(place))
      decipher.setAuthTag(bytes.subarray(end))
      // Bytes, not text: a decoder of its own for each text would cost a quarter of the time.
      const text = decipher.update(bytes.subarray(nonceBytes, end))
      try {
        // Throws unless the tag fits. A stream cipher holds nothing back until then.
        decipher.final()
      } catch {
        return undefined
      }
      return text.toString()
    },
    fingerprint: (text) => createHmac('sha256', fingerprintKey).update(text).digest('base64').slice(0, 22),
  }
}

const nonces: Buffer = Buffer.alloc(256 * nonceBytes)
let nextNonceAt = nonces.length

/** A nonce that was never used. Drawn by the hundreds, because each draw costs half as much as a seal. */
function nextNonce(): Buffer {
  if (nextNonceAt === nonces.length) {
    randomFillSync(nonces)
    nextNonceAt = 0
  }
  const nonce = nonces.subarray(nextNonceAt, nextNonceAt + nonceBytes)
  nextNonceAt += nonceBytes
  return nonce
}
