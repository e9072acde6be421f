import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError } from '../../errors.js'
import { describeStore } from '../testing/store-contract.js'
import { storedKey, storedKeys } from '../testing/stored-keys.js'
import { sqliteStore } from './sqlite-store.js'
import type { SqliteStoreOptions } from './sqlite-store-options.js'
import { type HranaServer, startHranaServer } from './testing/hrana-server.js'
import { clientOf } from './testing/old-files.js'
import { filesWith } from './testing/raw-files.js'

const folder = mkdtempSync(join(tmpdir(), 'sfpool-libsql-server-'))
const token = 'fake-token-of-the-server'
let server: HranaServer

beforeAll(async () => {
  server = await startHranaServer(folder, { token })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

let placeCount = 0
const newPlace = (): string => `database-${placeCount++}`
const at = (place: string, options: Partial<SqliteStoreOptions> = {}): SqliteStoreOptions => ({
  url: `${server.address(place)}?authToken=${token}`,
  secret: 'a passphrase',
  ...options,
})

describeStore('libsql server', (place, options) => sqliteStore({ ...at(place), ...options }))

async function failure(options: SqliteStoreOptions): Promise<Error> {
  const error: unknown = await sqliteStore(options).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'store_failed' })
  expect(String(error)).not.toContain(token)
  return error as Error
}

describe('a store on a libsql server', () => {
  it('a store on a server is sealed, and opens with the secret that was given', async () => {
    const place = newPlace()
    const store = await sqliteStore(at(place))
    await store.putKeys(storedKeys(0, 300))
    await store.records.write({
      at: 1,
      put: [{ kind: 'webhook', id: 'a', value: 1, secret: 'sk-fake-record' }],
    })
    await store.close()
    expect(filesWith(folder, 'sk-fake')).toEqual([])
    expect((await failure(at(place, { secret: 'another' }))).message).toContain('the secret is wrong')
    const again = await sqliteStore(at(place, { readOnly: true }))
    onTestFinished(() => again.close())
    expect((await again.load()).keys).toEqual(storedKeys(0, 300))
    await expect(again.putKeys([storedKey(1)])).rejects.toThrow('opened for reading only')
  })

  it('a store on a server needs a secret, because there is no place beside it for one', async () => {
    const { url = '' } = at(newPlace())
    expect((await failure({ url })).message).toContain('needs a secret that is given: SFPOOL_SECRET')
  })

  it('a server without a store is left as it is by who only reads', async () => {
    const place = newPlace()
    expect((await failure(at(place, { readOnly: true }))).message).toContain('there is no store in it yet')
    const client = clientOf(join(folder, `${place}.db`))
    expect((await client.execute('SELECT count(*) AS tables FROM sqlite_schema')).rows[0]?.tables).toBe(0)
    client.close()
  })

  it('the database of another program, and that of a later version, are left as they are', async () => {
    const [foreign, later] = [newPlace(), newPlace()]
    await (await sqliteStore(at(later))).close()
    const change = async (place: string, statement: string): Promise<void> => {
      const client = clientOf(join(folder, `${place}.db`))
      await client.execute(statement)
      client.close()
    }
    await change(foreign, 'CREATE TABLE meta (name TEXT, value TEXT)')
    await change(later, "UPDATE meta SET value = 99 WHERE name = 'schema'")
    expect((await failure(at(foreign))).message).toContain('another program')
    expect((await failure(at(later))).message).toContain('a later version wrote it (schema 99')
  })

  it('a store is made once when several open it at the same time', async () => {
    const place = newPlace()
    const stores = await Promise.all([1, 2, 3].map(() => sqliteStore(at(place))))
    onTestFinished(async () => void (await Promise.all(stores.map((store) => store.close()))))
    await Promise.all(stores.map((store, n) => store.putKeys(storedKeys(n * 10, 10))))
    for (const store of stores) expect((await store.load()).keys).toHaveLength(30)
  })

  it('a wrong token and a server that is away are told apart, and no token is repeated', async () => {
    const place = newPlace()
    const { url = '' } = at(place)
    expect((await failure(at(place, { url: url.replace(token, 'wrong') }))).message).toContain(
      'the server refused the token',
    )
    const away = await startHranaServer(folder, { token })
    const address = `${away.address(place)}?authToken=${token}`
    await away.close()
    const message = (await failure(at(place, { url: address }))).message
    expect(message).toContain('the server cannot be reached')
    expect(message).toContain(away.address(place).replace(/\/$/, ''))
  })

  it('a server that crashes in the middle of a change has none of it, and the store works when it is back', async () => {
    const place = newPlace()
    const crashing = await startHranaServer(folder, { token })
    const url = `${crashing.address(place)}?authToken=${token}`
    const store = await sqliteStore(at(place, { url }))
    onTestFinished(() => store.close())
    await store.putKeys(storedKeys(0, 10))
    const putting = store.putKeys(storedKeys(10, 20_000))
    const crashed = crashing.close()
    await expect(putting).rejects.toMatchObject({ code: 'store_failed' })
    await crashed
    await expect(store.load()).rejects.toThrow('the server cannot be reached')
    const port = Number(new URL(url).port)
    const again = await startHranaServer(folder, { token, port })
    onTestFinished(() => again.close())
    expect((await store.load()).keys).toEqual(storedKeys(0, 10))
    await store.putKeys([storedKey(10)])
    expect((await store.load()).keys).toEqual(storedKeys(0, 11))
  })

  it.each(['', 'not an address', 'ftp://host', 'libsql://user:password@host', 'file:pool.db'])(
    'the address %j is refused without being repeated',
    async (url) => {
      const error: unknown = await sqliteStore({ url, secret: 'x' }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ConfigError)
      expect((error as Error).message).toMatch(/^url must be libsql:\/\//)
      expect((error as Error).message).not.toContain('password')
    },
  )

  it('an address and a path do not go together', async () => {
    await expect(sqliteStore({ ...at(newPlace()), path: 'pool.db' })).rejects.toThrow(
      /^path does not go with url/,
    )
  })
})
