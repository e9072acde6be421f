import { createHash } from 'node:crypto'

/**
 * A key's id: the same token has the same id in every store and after every restart, and the token cannot be
 * computed back. 64 bits keep a million keys apart.
 */
export function fingerprint(token: string): string {
  return `key_${createHash('sha256').update(token).digest('hex').slice(0, 16)}`
}
