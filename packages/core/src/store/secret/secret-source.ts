import { dirname, join, resolve } from 'node:path'
import { ConfigError, withheld } from '../../errors.js'
import { leastSecretBytes, type MasterSecret, secretOfText } from '../sealing/master-secret.js'
import { secretError } from './secret-error.js'
import { readSecretFile } from './secret-file.js'

/**
 * The secret that seals the keys of a store: a text, at least 32 random bytes, or a file that holds a text. Blanks and
 * line breaks around a text do not count.
 */
export type StoreSecret = string | Uint8Array | { readonly file: string }

/** Where a store's secret comes from. */
export type SecretSource =
  | {
      readonly kind: 'given'
      /** How messages name the place: `SFPOOL_SECRET`, the path of a file. */
      readonly from: string
      /** Reads the secret as it is now: the file may have been replaced since. */
      read(): MasterSecret
    }
  | { readonly kind: 'beside'; readonly path: string }

/** The file that is made beside a store for which no secret was given. */
export const secretFileName = 'secret.key'

/** Checks the option `secret`. Without it, the secret lies beside the store. */
export function secretSource(
  storePath: string,
  given: StoreSecret | undefined,
  name: string | undefined,
): SecretSource {
  if (given === undefined) return { kind: 'beside', path: join(dirname(storePath), secretFileName) }
  return givenSecret(given, name ?? 'the option secret')
}

export function givenSecret(given: StoreSecret, from: string): SecretSource & { kind: 'given' } {
  if (typeof given === 'string') {
    const secret = secretOfText(given)
    if (secret === undefined) throw new ConfigError('secret', 'must not be empty', withheld)
    return { kind: 'given', from, read: () => secret }
  }
  if (given instanceof Uint8Array) {
    if (given.length < leastSecretBytes) {
      throw new ConfigError('secret', `must have at least ${leastSecretBytes} bytes`, withheld)
    }
    const secret: MasterSecret = { bytes: Uint8Array.from(given), isRandom: true }
    return { kind: 'given', from, read: () => secret }
  }
  const file: unknown = given?.file
  if (typeof file !== 'string' || file.trim() === '' || file.includes('\0')) {
    throw new ConfigError('secret', 'must be a text, bytes, or { file: path }', withheld)
  }
  const path = resolve(file)
  return { kind: 'given', from: path, read: () => requiredSecret(path) }
}

function requiredSecret(path: string): MasterSecret {
  const secret = secretInFile(path)
  if (secret !== undefined) return secret
  // Never made: a mount that failed must not lead to a store that is sealed with a new secret.
  throw secretError(
    `the secret file ${path} does not exist; put the secret there, or make one: openssl rand -base64 32 > ${path}`,
  )
}

/** The secret that a file holds; undefined when there is no such file. */
export function secretInFile(path: string): MasterSecret | undefined {
  const text = readSecretFile(path)
  return text === undefined ? undefined : secretOfText(text)
}
