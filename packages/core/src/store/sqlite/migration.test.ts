import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Store } from '../store.js'
import type { StoredUsage } from '../stored-usage.js'
import { storedKey } from '../testing/stored-keys.js'
import { storedUsage } from '../testing/stored-usage.js'
import { sqliteStore } from './sqlite-store.js'
import {
  clientOf,
  contentOfOldFile,
  fileOfVersion1,
  fileOfVersion2,
  fileOfVersion4,
  secretOfVersion4,
} from './testing/old-files.js'

const folder = mkdtempSync(join(tmpdir(), 'sfpool-sqlite-migration-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let fileCount = 0
const newPath = (): string => join(folder, `store-${fileCount++}.db`)

const opened = async (path: string) => {
  const store = await sqliteStore({ path })
  onTestFinished(() => store.close())
  return store
}

async function schemaOf(path: string): Promise<unknown> {
  const client = clientOf(path)
  const { rows } = await client.execute('SELECT type, name, sql FROM sqlite_schema ORDER BY name')
  const version = (await client.execute('PRAGMA user_version')).rows[0]?.user_version
  client.close()
  return [version, rows.map((row) => ({ ...row }))]
}

describe('a file of version 1', () => {
  it('a file of version 1 is migrated with everything in it, and takes new state', async () => {
    const path = await fileOfVersion1(newPath())
    const store = await opened(path)
    expect(await store.load()).toEqual(contentOfOldFile)
    expect(await store.revision()).toBe(7)
    await store.putOwners([{ id: 'file-1', account: 'key-1', kind: 'file', at: 1 }])
    const state = { ...contentOfOldFile.keyStates[0], failures: 2, upstreamAccount: 'cm04-fake' }
    await store.saveStates([state as never], [])
    const again = await opened(path)
    expect(await again.ownersOf(['file-1'])).toEqual(new Map([['file-1', 'key-1']]))
    expect((await again.load()).keyStates).toEqual([state])
  })

  it('a migrated file of version 1 has the schema of a new file', async () => {
    const [old, fresh] = [await fileOfVersion1(newPath()), newPath()]
    await (await sqliteStore({ path: old })).close()
    await (await sqliteStore({ path: fresh })).close()
    expect(await schemaOf(old)).toEqual(await schemaOf(fresh))
  })

  it('a file of version 1 is migrated once when several stores open it at the same time', async () => {
    const path = await fileOfVersion1(newPath())
    const stores = await Promise.all([opened(path), opened(path), opened(path)])
    for (const store of stores) expect(await store.load()).toEqual(contentOfOldFile)
  })

  it('a file of version 1 stays as it was when the migration fails half way, and is migrated the next time', async () => {
    const path = await fileOfVersion1(newPath())
    const before = await schemaOf(path)
    // The name of the last object that the migration creates is taken, so that all statements before it must be undone.
    await alter(path, 'CREATE TRIGGER owner_gone AFTER DELETE ON keys BEGIN SELECT 1; END')
    await expect(sqliteStore({ path })).rejects.toMatchObject({ code: 'store_failed' })
    await alter(path, 'DROP TRIGGER owner_gone')
    expect(await schemaOf(path)).toEqual(before)
    expect(await (await opened(path)).load()).toEqual(contentOfOldFile)
  })

  it('a process of version 1 that has a migrated file open writes states of keys, and no others', async () => {
    const path = await fileOfVersion1(newPath())
    const old = clientOf(path)
    onTestFinished(() => old.close())
    await old.execute('SELECT count(*) FROM keys')
    const store = await opened(path)
    await old.execute(`
      INSERT INTO key_states (id, health, requests, successes, prompt_tokens, completion_tokens, last_used_at)
      VALUES ('key-2', '{"status":"ready"}', 1, 1, 1, 1, 1)`)
    const write = `INSERT INTO account_states (id, health, cooldowns, balance)
      VALUES ('key-2', '{"status":"ready"}', '[]', NULL)`
    await expect(old.execute(write)).rejects.toThrow('no column named balance')
    const { keyStates, accountStates } = await store.load()
    expect(keyStates[1]).toMatchObject({ id: 'key-2', failures: 0, upstreamAccount: null })
    expect(accountStates).toEqual(contentOfOldFile.accountStates)
  })
})

describe('a file of version 2', () => {
  it('a file of version 2 is migrated with everything in it, its balances as baselines', async () => {
    const path = await fileOfVersion2(newPath())
    const store = await opened(path)
    expect(await store.load()).toEqual(contentOfOldFile)
    expect(await store.ownersOf(['file-1'])).toEqual(new Map([['file-1', 'key-1']]))
    const spent = [{ upstream: 'default', id: 'key-1', any: 1n, charged: 0n, unknown: 0 }]
    expect(await store.addUsage({ usage: [], spent, balances: [] })).toMatchObject([{ spent: { any: 1n } }])
  })

  it('a migrated file of version 2 has the schema of a new file', async () => {
    const [old, fresh] = [await fileOfVersion2(newPath()), newPath()]
    await (await sqliteStore({ path: old })).close()
    await (await sqliteStore({ path: fresh })).close()
    expect(await schemaOf(old)).toEqual(await schemaOf(fresh))
  })
})

describe('a file of version 4', () => {
  const options = (path: string) => ({ path, secret: secretOfVersion4 })
  const rowsOf = async (store: Store) => {
    const rows: StoredUsage[] = []
    await store.readUsage({ book: 'keys', from: 0, to: 99_999 }, (part) => rows.push(...part))
    return rows
  }

  it('a file of version 4 is migrated with everything in it, all of it at one upstream', async () => {
    const store = await sqliteStore(options(await fileOfVersion4(newPath())))
    onTestFinished(() => store.close())
    expect(await store.load()).toEqual(contentOfOldFile)
    expect(await rowsOf(store)).toEqual([storedUsage()])
    await store.addUsage({ usage: [storedUsage({ upstream: 'another' })], spent: [], balances: [] })
    expect(await rowsOf(store)).toHaveLength(2)
    expect(await store.records.list('client')).toEqual({ items: [], next: null })
  })

  it('a migrated file of version 4 has the schema of a new file', async () => {
    const [old, fresh] = [await fileOfVersion4(newPath()), newPath()]
    await (await sqliteStore(options(old))).close()
    await (await sqliteStore({ path: fresh })).close()
    expect(await schemaOf(old)).toEqual(await schemaOf(fresh))
  })

  it('a file of version 4 is read as it is by who only reads, and has no records', async () => {
    const path = await fileOfVersion4(newPath())
    const before = await schemaOf(path)
    const store = await sqliteStore({ ...options(path), readOnly: true })
    onTestFinished(() => store.close())
    expect(await store.load()).toEqual(contentOfOldFile)
    expect(await rowsOf(store)).toEqual([storedUsage()])
    expect(await store.records.list('client')).toEqual({ items: [], next: null })
    expect(await store.records.get('client', 'a')).toBeUndefined()
    expect(await store.records.readJournal('audit')).toEqual({ items: [], next: null })
    expect([await store.revision(), await store.records.revision()]).toEqual([7, 0])
    expect(await schemaOf(path)).toEqual(before)
  })
})

describe('the version of a file', () => {
  it.each(["UPDATE meta SET value = 99 WHERE name = 'schema'", 'PRAGMA user_version = 99'])(
    'a file is of a later version after %s, and left as it is',
    async (statement) => {
      const path = newPath()
      await (await opened(path)).close()
      await alter(path, statement)
      await expect(sqliteStore({ path })).rejects.toThrow('a later version wrote it (schema 99')
    },
  )
})

it('a new file has the current schema from the start', async () => {
  const store = await opened(newPath())
  await store.putKeys([storedKey(0)])
  expect(await store.ownersOf(['file-1'])).toEqual(new Map())
})

const alter = async (path: string, statement: string): Promise<void> => {
  const client = clientOf(path)
  await client.execute(statement)
  client.close()
}
