import { randomBytes } from 'node:crypto'

/** What the keys of a store are derived from. */
export interface MasterSecret {
  readonly bytes: Uint8Array
  /** Random, and long enough that no passphrase derivation needs to slow guessing down. */
  readonly isRandom: boolean
}

/** Of 256 bits, and recognisable: the same text means the same in a file, in a variable and as an option. */
const generated = /^sfpool-secret-[\w-]{43}$/

/** A fewest number of bytes: those of AES-256's key. */
export const leastSecretBytes = 32

export function generateSecretText(): string {
  return `sfpool-secret-${randomBytes(leastSecretBytes).toString('base64url')}`
}

/** The secret of a text, without the blanks and line breaks around it; undefined when nothing is left. */
export function secretOfText(text: string): MasterSecret | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  return { bytes: Buffer.from(trimmed), isRandom: generated.test(trimmed) }
}
