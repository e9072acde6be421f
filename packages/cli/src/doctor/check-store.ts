import { constants, type Stats } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { userPaths } from '../config/user-paths.js'
import { fileFailure } from '../input/file-failure.js'
import { openStore } from '../pool/open-store.js'
import { storeSecret } from '../pool/store-secret.js'
import { count } from '../render/count.js'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, ok, warning } from './finding.js'

/** Below this, a store may soon find no room for what it writes. */
const littleSpaceBytes = 64 * 1024 * 1024

/** The store and the secret that opens it. Changes nothing on disk. */
export async function checkStore(context: DoctorContext): Promise<Finding[]> {
  const { store } = context.settings
  if (store?.kind === 'memory')
    return [ok('store', 'the store is in memory; what is added is gone at the end')]
  if (store?.kind === 'libsql') return openedServer(context)
  const path = store?.path ?? userPaths().storeFile
  const stats = await statsOf(path)
  if (typeof stats === 'string')
    return [
      failure('store', `cannot look at the store ${path}: ${stats}`, `Check the rights of ${dirname(path)}`),
    ]
  if (stats === null) return [await missing(path, store !== undefined)]
  const opened = await openingFindings(context, path, stats)
  return [...opened, ...(await rights(path, stats)), ...(await space(path))]
}

/** A store on a server: whether it answers, and opens with the secret. */
async function openedServer(context: DoctorContext): Promise<Finding[]> {
  try {
    await using store = await closing(openStore(context, 'read'))
    const { keys } = await store.load()
    return [ok('store', `the store on its server opens: ${count(keys.length, 'key')}`)]
  } catch (error) {
    return [openingFailure(context, error)]
  }
}

/** Null for a missing file, text for the reason why nobody can say. */
async function statsOf(path: string): Promise<Stats | null | string> {
  try {
    return await stat(path)
  } catch (error) {
    const code = Reflect.get(error as object, 'code')
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : fileFailure(error)
  }
}

async function missing(path: string, isNamed: boolean): Promise<Finding> {
  const text = `there is no store at ${path}`
  if (isNamed)
    return warning(
      'store',
      text,
      'Check --store, SFPOOL_STORE or the setting store; sfpool add makes a new store',
    )
  return warning('store', `${text} yet, so there are no keys`, 'Add keys with: sfpool add <key>')
}

async function openingFindings(context: DoctorContext, path: string, { size }: Stats): Promise<Finding[]> {
  const { secretFingerprint } = await import('@sfpool/core/sqlite')
  try {
    await using store = await closing(openStore(context, 'read'))
    const { keys } = await store.load()
    const found = ok('store', `${path} opens: ${count(keys.length, 'key')}, ${kilobytes(size)}`)
    const none =
      keys.length === 0
        ? [warning('store.keys', 'the store holds no keys', 'Add keys with: sfpool add <key>')]
        : []
    return [
      found,
      ...none,
      await secretFinding(context, secretFingerprint({ path, ...storeSecret(context) })),
    ]
  } catch (error) {
    return [openingFailure(context, error)]
  }
}

function openingFailure(context: DoctorContext, error: unknown): Finding {
  const { message, param } = error as { message: string; param?: unknown }
  return param === 'secret'
    ? failure('secret', message, mendOfSecret(context))
    : failure('store', message, 'Mend what the message names, or restore a backup')
}

const mendOfSecret = ({ origins }: DoctorContext): string =>
  `Give the secret that the store was sealed with (now ${origins.secretFile ?? origins.secret ?? 'secret.key beside the store'})`

async function closing<T extends { close(): Promise<void> }>(
  opening: Promise<T>,
): Promise<T & AsyncDisposable> {
  const opened = await opening
  return Object.assign(opened, { [Symbol.asyncDispose]: () => opened.close() })
}

async function secretFinding(context: DoctorContext, asked: Promise<string>): Promise<Finding> {
  const { origins } = context
  try {
    const source = origins.secretFile ?? origins.secret ?? 'secret.key beside the store'
    return ok('secret', `the keys are sealed; fingerprint ${await asked}, from ${source}`)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return warning('secret', message, 'Run any command that writes to the store, such as: sfpool update')
  }
}

/** Whether the files can be written by us, and read by nobody else. */
async function rights(path: string, stats: Stats): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const place of [path, dirname(path)]) {
    try {
      await access(place, constants.W_OK)
    } catch (error) {
      findings.push(
        failure(
          'store.writable',
          `${place} cannot be written: ${fileFailure(error)}`,
          `Give this user the right to write ${place}`,
        ),
      )
    }
  }
  if (process.platform === 'win32') return findings
  const key = join(dirname(path), 'secret.key')
  const keyStats = await statsOf(key)
  for (const [file, found] of [
    [path, stats],
    [key, keyStats],
  ] as const)
    if (found !== null && typeof found !== 'string' && (found.mode & 0o077) !== 0)
      findings.push(warning('store.rights', `${file} can be read by other users`, `chmod 600 ${file}`))
  return findings
}

async function space(path: string): Promise<Finding[]> {
  try {
    const { bavail, bsize } = await statfs(dirname(path))
    if (bavail * bsize >= littleSpaceBytes) return []
    return [
      warning(
        'store.space',
        `only ${kilobytes(bavail * bsize)} are free where the store is`,
        'Free some space',
      ),
    ]
  } catch {
    // Not every file system tells.
    return []
  }
}

const kilobytes = (bytes: number): string =>
  bytes < 10 * 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KB` : `${Math.round(bytes / 1024 ** 2)} MB`
