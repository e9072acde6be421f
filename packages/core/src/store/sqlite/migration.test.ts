import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { storedKey } from '../testing/stored-keys.js'
import { sqliteStore } from './sqlite-store.js'
import { clientOf, contentOfOldFile, fileOfVersion1, fileOfVersion2 } from './testing/old-files.js'

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

  it('a migrated file goes on serving a process of version 1 that has it open', async () => {
    const path = await fileOfVersion1(newPath())
    const old = clientOf(path)
    onTestFinished(() => old.close())
    await old.execute('SELECT count(*) FROM keys')
    const store = await opened(path)
    await old.execute(`
      INSERT INTO key_states (id, health, requests, successes, prompt_tokens, completion_tokens, last_used_at)
      VALUES ('key-2', '{"status":"ready"}', 1, 1, 1, 1, 1)`)
    await old.execute(
      "INSERT INTO account_states (id, health, cooldowns, balance) VALUES ('key-2', '{\"status\":\"ready\"}', '[]', NULL)",
    )
    const { keyStates, accountStates } = await store.load()
    expect(keyStates[1]).toMatchObject({ id: 'key-2', failures: 0, upstreamAccount: null })
    expect(accountStates[1]).toMatchObject({ id: 'key-2', quotas: [] })
  })
})

describe('a file of version 2', () => {
  it('a file of version 2 is migrated with everything in it, its balances as baselines', async () => {
    const path = await fileOfVersion2(newPath())
    const store = await opened(path)
    expect(await store.load()).toEqual(contentOfOldFile)
    expect(await store.ownersOf(['file-1'])).toEqual(new Map([['file-1', 'key-1']]))
    const spent = [{ id: 'key-1', any: 1n, charged: 0n, unknown: 0 }]
    expect(await store.addUsage({ usage: [], spent, balances: [] })).toMatchObject([{ spent: { any: 1n } }])
  })

  it('a migrated file of version 2 has the schema of a new file', async () => {
    const [old, fresh] = [await fileOfVersion2(newPath()), newPath()]
    await (await sqliteStore({ path: old })).close()
    await (await sqliteStore({ path: fresh })).close()
    expect(await schemaOf(old)).toEqual(await schemaOf(fresh))
  })

  it('a migrated file goes on serving a process of version 2 that has it open', async () => {
    const path = await fileOfVersion2(newPath())
    const old = clientOf(path)
    onTestFinished(() => old.close())
    await old.execute('SELECT count(*) FROM keys')
    const store = await opened(path)
    await old.execute(
      "INSERT INTO account_states (id, health, cooldowns, balance, quotas) VALUES ('key-2', '{\"status\":\"ready\"}', '[]', NULL, '[]')",
    )
    expect((await store.load()).accountStates[1]).toMatchObject({ id: 'key-2', quotas: [] })
  })
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
