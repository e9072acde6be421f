import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../../errors.js'
import { checkOwnerLimit } from '../owner-limit.js'
import { type StoreSecret, secretSource } from '../secret/secret-source.js'
import type { ServerOptions } from './libsql-server.js'
import type { SqlStoreOptions } from './sql-store.js'
import type { ConnectionOptions } from './sqlite-connection.js'
import type { StoreNotice } from './store-notice.js'
import { StoreSeal } from './store-seal.js'

/** The options of a store in a file. */
export interface SqliteFileOptions extends Omit<SqliteStoreOptions, 'path' | 'url'> {
  readonly path: string
}

/** Needs `path` or `url`. */
export interface SqliteStoreOptions {
  /** The database file. The file and its folder are created when missing, readable by their owner alone. */
  readonly path?: string
  /**
   * In place of `path`, the address of a libsql server (sqld, Turso): `libsql://host?authToken=…`, or with `https` or
   * `http`. Such a store needs a `secret`.
   */
  readonly url?: string
  /** How long to wait while another process writes, in milliseconds. @default 15000 */
  readonly busyTimeoutMs?: number
  /** Waits for a delay; for tests. @default a timer */
  readonly wait?: (delayMs: number) => Promise<unknown>
  /** The number of owners of files, batches, videos and voices that are remembered. @default 1000000 */
  readonly ownerLimit?: number
  /**
   * What seals the keys in the file. Without it, the file `secret.key` beside the database does, which is made when the
   * database has no sealed keys yet. @default the file `secret.key` beside the database
   */
  readonly secret?: StoreSecret
  /** How errors name the place that the secret comes from. @default "the option secret" */
  readonly secretName?: string
  /**
   * Changes nothing on disk: a database of an earlier version is read as it is, a missing one is refused, and writing
   * rejects. @default false
   */
  readonly readOnly?: boolean
  /** How often the file is looked at while the store is watched, in milliseconds. @default 500 */
  readonly watchIntervalMs?: number
  /** Told of what happens beside the work: that `secret.key` was made, that keys which lay in clear are sealed. */
  readonly onNotice?: (notice: StoreNotice) => void
}

const defaults = Object.freeze({
  busyTimeoutMs: 15_000,
  watchIntervalMs: 500,
  // Unlike the pool's own timers, this one keeps the process alive: a command that waits for a lock must not end.
  wait: (delayMs: number): Promise<unknown> => sleep(delayMs),
  notice: (): void => {},
})

/** The options of a store in a file, with their defaults, checked, and the seal that they name. */
export function checkedOptions(options: SqliteFileOptions): ConnectionOptions & SqlStoreOptions {
  const path = checkedPath(options.path)
  const common = checkedCommon(options)
  const source = secretSource(path, options.secret, options.secretName)
  const seal = new StoreSeal({ path, source, readOnly: common.readOnly, notice: common.notice })
  return { ...common, path, seal }
}

/** Those of a store on a server. */
export function checkedServerOptions(
  options: SqliteStoreOptions & { readonly url: string },
): ServerOptions & SqlStoreOptions {
  const { url, path, secret, secretName } = options
  if (path !== undefined) throw new ConfigError('path', 'does not go with url; remove one of them', path)
  return { ...checkedCommon(options), url, secret, secretName }
}

function checkedCommon(
  options: SqliteStoreOptions,
): Omit<ConnectionOptions, 'path' | 'seal'> & SqlStoreOptions {
  const { busyTimeoutMs, watchIntervalMs, wait, notice } = {
    busyTimeoutMs: options.busyTimeoutMs ?? defaults.busyTimeoutMs,
    watchIntervalMs: options.watchIntervalMs ?? defaults.watchIntervalMs,
    wait: options.wait ?? defaults.wait,
    notice: options.onNotice ?? defaults.notice,
  }
  if (!Number.isFinite(busyTimeoutMs) || busyTimeoutMs < 0) {
    throw new ConfigError('busyTimeoutMs', 'must be 0 or a number of milliseconds above it', busyTimeoutMs)
  }
  if (!Number.isFinite(watchIntervalMs) || watchIntervalMs < 1) {
    throw new ConfigError('watchIntervalMs', 'must be a number of milliseconds above 0', watchIntervalMs)
  }
  const readOnly: unknown = options.readOnly ?? false
  if (typeof readOnly !== 'boolean') throw new ConfigError('readOnly', 'must be true or false', readOnly)
  const ownerLimit = checkOwnerLimit(options.ownerLimit)
  return { busyTimeoutMs, wait, watchIntervalMs, ownerLimit, readOnly, notice }
}

function checkedPath(path: unknown): string {
  if (typeof path !== 'string' || path.trim() === '' || path === ':memory:' || path.includes('\0')) {
    throw new ConfigError('path', 'must name a file (memoryStore is the store that needs none)', path)
  }
  return resolve(path)
}
