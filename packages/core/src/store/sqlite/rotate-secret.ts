import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KeyPoolError } from '../../errors.js'
import { generateSecretText, type MasterSecret, secretOfText } from '../sealing/master-secret.js'
import { sealWith, unsealWith } from '../sealing/seal-record.js'
import { secretError } from '../secret/secret-error.js'
import { makeSecretFile } from '../secret/secret-file.js'
import { givenSecret, type StoreSecret, secretFileName, secretInFile } from '../secret/secret-source.js'
import { finishRotation, writePending } from './pending-secret.js'
import { markForScrub } from './scrub.js'
import { readSealRecord, sealRecords, sealRows, writeSealRecord } from './seal-rows.js'
import { type ConnectionOptions, SqliteConnection } from './sqlite-connection.js'
import { checkedOptions, type SqliteFileOptions } from './sqlite-store-options.js'
import { storeError } from './store-error.js'
import { contentsOf, type StoreContents } from './whole-store.js'

export interface RotateSecretOptions extends Omit<SqliteFileOptions, 'ownerLimit' | 'readOnly'> {
  /**
   * The new secret. A file that does not exist is made. Without it, a new `secret.key` beside the database takes the
   * place of the one there. @default a new file `secret.key` beside the database
   */
  readonly to?: StoreSecret
  /** How errors name the place that the new secret comes from. @default "the option to" */
  readonly toName?: string
}

export interface RotatedSecret {
  /** Names the new secret. */
  readonly fingerprint: string
  /** Number of keys in the store. */
  readonly keys: number
  /** The file that holds the new secret; null when it was given as a text or bytes. */
  readonly file: string | null
  /** Where the earlier `secret.key` was kept, because other stores in the folder may need it; null when it was not. */
  readonly kept: string | null
  /** False when the keys were sealed with the new secret already, by an earlier run that was cut off. */
  readonly isNew: boolean
}

/**
 * Seals all keys of a store with another secret, in one transaction: whenever the process ends, the store opens with
 * the secret of before or with the new one. Rejects like `sqliteStore`, and when the new secret is that of before.
 * Repeated after it was cut off, it finds its work done.
 */
export async function rotateSecret(options: RotateSecretOptions): Promise<RotatedSecret> {
  const { to, toName = 'the option to', ...before } = options
  const settings = checkedOptions(before)
  const { path } = settings
  const target = targetOf(path, to, toName)
  await access(path).catch((error: unknown) => {
    throw storeError(path, 'open', error)
  })
  try {
    const connection = await SqliteConnection.open(settings)
    try {
      const sealed = await reseal(connection, settings, target)
      const kept = target.finish(sealed.fingerprint)
      await connection.scrub()
      return { ...sealed, file: target.file, kept, isNew: true }
    } finally {
      await connection.close()
    }
  } catch (error) {
    const done =
      to === undefined || !concernsSecret(error) ? null : await sealedAlready({ ...before, secret: to })
    if (done === null) throw storeError(path, 'rotate the secret of', error)
    return { ...done, file: target.file, kept: null, isNew: false }
  }
}

const concernsSecret = (error: unknown): boolean => KeyPoolError.isInstance(error) && error.param === 'secret'

/** What an earlier run did that was cut off before it could say so; null when the store does not open with `secret`. */
async function sealedAlready(options: SqliteFileOptions): Promise<StoreContents | null> {
  try {
    const connection = await SqliteConnection.open(checkedOptions({ ...options, readOnly: true }))
    try {
      return await contentsOf(connection)
    } finally {
      await connection.close()
    }
  } catch (error) {
    if (KeyPoolError.isInstance(error)) return null
    throw error
  }
}

async function reseal(
  connection: SqliteConnection,
  { seal, path }: ConnectionOptions,
  target: Target,
): Promise<StoreContents> {
  return connection.transaction('durable', async (session) => {
    // Under the lock, so that of two rotations at once the second sees what the first did.
    const from = await seal.current(session)
    const before = await readSealRecord(session)
    const secret = target.take()
    if (secret === undefined) throw secretError(`${target.from} holds no secret`)
    if (before !== undefined && (await unsealWith(secret, before)) !== undefined) throw same(target.from)
    const { record, sealer } = await sealWith(secret)
    const keys = await sealRows(session, 'sealed', { from, to: sealer, path })
    await sealRecords(session, { from, to: sealer, path })
    // Last before the commit, so that a rotation which fails leaves no file.
    target.keep(record.name)
    await writeSealRecord(session, record)
    await session.write(markForScrub)
    return { fingerprint: record.name, keys }
  })
}

const same = (from: string): KeyPoolError =>
  new KeyPoolError(
    'store_failed',
    `${from} holds the secret that the keys are sealed with already; give another. Nothing was changed`,
  )

/** Where the new secret comes from. */
interface Target {
  readonly from: string
  readonly file: string | null
  /** Reads the secret, or makes it. */
  take(): MasterSecret | undefined
  /** Makes a new secret durable, before the keys are sealed with it. */
  keep(name: string): void
  /** Puts it where it will be looked for, once the keys are sealed with it. Returns where an earlier one was kept. */
  finish(name: string): string | null
}

function targetOf(storePath: string, to: StoreSecret | undefined, name: string): Target {
  if (to === undefined) return besideStore(storePath)
  const given = givenSecret(to, name)
  const nothing = { keep: () => {}, finish: () => null }
  if (typeof to === 'string' || to instanceof Uint8Array) {
    return { from: name, file: null, take: () => given.read(), ...nothing }
  }
  const path = given.from
  const take = (): MasterSecret | undefined => {
    if (secretInFile(path) === undefined) makeSecretFile(path, generateSecretText())
    return secretInFile(path)
  }
  return { from: path, file: path, take, ...nothing }
}

function besideStore(storePath: string): Target {
  const secretPath = join(dirname(storePath), secretFileName)
  const place = { storePath, secretPath }
  let text = ''
  return {
    from: secretPath,
    file: secretPath,
    take: () => {
      text = generateSecretText()
      return secretOfText(text)
    },
    keep: (name) => writePending(place, name, text),
    finish: (name) => finishRotation(place, name),
  }
}
