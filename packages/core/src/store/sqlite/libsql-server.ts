import type { Client, TransactionMode } from '@libsql/client/http'
import { ConfigError, withheld } from '../../errors.js'
import type { Opener, Sealer } from '../sealing/sealer.js'
import { secretError } from '../secret/secret-error.js'
import { givenSecret, type StoreSecret } from '../secret/secret-source.js'
import { libsqlSession } from './libsql-session.js'
import { checkVersion, migrate, type StorePlace } from './migrate.js'
import { schemaVersion } from './schema.js'
import type { SealedDatabase } from './sealed-database.js'
import type { SqlAccess, SqlRow, SqlSession, SqlValue } from './sql-port.js'
import { isMissing, refusal, storeError } from './store-error.js'
import type { StoreNotice } from './store-notice.js'
import { type Patience, StoreQueue, whenFree } from './store-queue.js'
import { StoreSeal } from './store-seal.js'

export interface ServerOptions extends Patience {
  /** `libsql://host`, `https://host` or `http://host`; `?authToken=…` holds the token. */
  readonly url: string
  readonly readOnly: boolean
  /** There is no folder beside a server in which a secret could be made. */
  readonly secret: StoreSecret | undefined
  readonly secretName: string | undefined
  readonly notice: (notice: StoreNotice) => void
}

/** What libsql's transactions are begun with. */
const modes = { read: 'read', write: 'write', durable: 'write' } as const satisfies Record<
  SqlAccess,
  TransactionMode
>

/** A key store on a libsql server (sqld, Turso), which has the tables of one in a file. */
export class LibsqlServer implements SealedDatabase {
  readonly name: string
  readonly #client: Client
  readonly #queue: StoreQueue
  readonly #seal: StoreSeal
  readonly #options: ServerOptions

  private constructor(name: string, client: Client, options: ServerOptions) {
    const { secret, secretName, readOnly, notice } = options
    if (secret === undefined) throw secretError(needsSecret)
    const source = givenSecret(secret, secretName ?? 'the option secret')
    this.name = name
    this.#client = client
    this.#options = options
    this.#queue = new StoreQueue(name, options)
    this.#seal = new StoreSeal({ path: name, source, readOnly, notice })
  }

  static async open(options: ServerOptions): Promise<LibsqlServer> {
    const { name, url, authToken } = addressOf(options.url)
    let client: Client | undefined
    try {
      const { createClient } = await importClient(name)
      client = createClient({ url, ...(authToken !== null && { authToken }) })
      const server = new LibsqlServer(name, client, options)
      server.#seal.checkGiven()
      await whenFree(options, () => server.#prepare())
      return server
    } catch (error) {
      client?.close()
      throw storeError(name, 'open', error)
    }
  }

  /** A server has no file that could be taken away. */
  assertThere(): void {}

  async rows(sql: string, args?: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    return this.#queue.run('read', () => libsqlSession(this.#client).rows(sql, args))
  }

  async transaction<T>(access: SqlAccess, work: (session: SqlSession) => Promise<T>): Promise<T> {
    return this.#queue.run(access === 'read' ? 'read' : 'write to', () => {
      if (access !== 'read' && this.#options.readOnly)
        throw refusal(this.name, 'it was opened for reading only')
      return this.#transact(access, work)
    })
  }

  opener(session: SqlSession): Promise<Opener> {
    return this.#seal.current(session)
  }

  sealer(session: SqlSession): Promise<Sealer> {
    return this.#seal.current(session)
  }

  close(): Promise<void> {
    return this.#queue.close(async () => this.#client.close())
  }

  async #prepare(): Promise<void> {
    const place: StorePlace = { name: this.name, isFile: false }
    const { version } = await checkVersion(libsqlSession(this.#client), place)
    if (version !== schemaVersion) {
      if (this.#options.readOnly) throw refusal(this.name, version === 0 ? nothingThere : earlierVersion)
      await this.#transact('durable', (session) => migrate(session, place, this.#seal))
      this.#seal.tellSealed()
    }
    await this.#transact('read', (session) => this.#seal.current(session))
  }

  async #transact<T>(access: SqlAccess, work: (session: SqlSession) => Promise<T>): Promise<T> {
    const transaction = await this.#client.transaction(modes[access])
    try {
      const result = await work(libsqlSession(transaction))
      await transaction.commit()
      return result
    } finally {
      // Rolls back unless the transaction was committed.
      transaction.close()
    }
  }
}

const nothingThere = 'there is no store in it yet; sfpool add makes one'
const earlierVersion = 'an earlier version wrote it; any command that writes to it brings it to this version'
const needsSecret =
  'a store on a server needs a secret that is given: SFPOOL_SECRET, --secret-file; in the library the option secret'

/** The address and the token of it, and a name without the token for messages. */
function addressOf(given: string): { name: string; url: string; authToken: string | null } {
  if (!URL.canParse(given)) throw new ConfigError('url', addressRule, withheld)
  const address = new URL(given)
  if (!/^(?:libsql|https?):$/.test(address.protocol)) throw new ConfigError('url', addressRule, withheld)
  if (address.username !== '' || address.password !== '') throw new ConfigError('url', addressRule, withheld)
  const authToken = address.searchParams.get('authToken')
  address.searchParams.delete('authToken')
  const url = address.href
  address.search = ''
  return { name: address.href.replace(/\/$/, ''), url, authToken }
}

const addressRule =
  'must be libsql://, https:// or http:// and a host, with ?authToken=… where the server needs a token'

/** Loads the part of the optional peer dependency that speaks to servers: it has no native code. */
async function importClient(name: string): Promise<typeof import('@libsql/client/http')> {
  try {
    return await import('@libsql/client/http')
  } catch (error) {
    if (!isMissing(error, '@libsql/client')) throw error
    throw refusal(name, 'the package @libsql/client is not installed; run npm install @libsql/client', error)
  }
}
