import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@libsql/client/sqlite3'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { storedKey, storedKeys } from '../testing/stored-keys.js'
import { sqliteStore } from './sqlite-store.js'

const folder = mkdtempSync(join(tmpdir(), 'sfpool-sqlite-migration-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let fileCount = 0
const newPath = (): string => join(folder, `store-${fileCount++}.db`)
const clientOf = (path: string) => createClient({ url: `file:${encodeURIComponent(path)}`, concurrency: 1 })

/** The statements of version 1, word for word: files that it wrote are in use. */
const version1 = [
  'PRAGMA application_id = 1397117004',
  `CREATE TABLE keys (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    account TEXT,
    label TEXT,
    site TEXT NOT NULL,
    weight REAL NOT NULL,
    enabled INTEGER NOT NULL,
    added_at INTEGER NOT NULL
  ) STRICT`,
  'CREATE INDEX keys_by_account ON keys (account) WHERE account IS NOT NULL',
  `CREATE TABLE key_states (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    health TEXT NOT NULL,
    requests INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT`,
  `CREATE TABLE account_states (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    health TEXT NOT NULL,
    cooldowns TEXT NOT NULL,
    balance TEXT
  ) STRICT`,
  'CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  "INSERT INTO meta (name, value) VALUES ('revision', 7)",
  'PRAGMA user_version = 1',
] as const

/** The statements that version 2 added, word for word. */
const version2 = [
  'ALTER TABLE key_states ADD COLUMN failures INTEGER NOT NULL DEFAULT 0',
  'ALTER TABLE key_states ADD COLUMN upstream_account TEXT',
  "ALTER TABLE account_states ADD COLUMN quotas TEXT NOT NULL DEFAULT '[]'",
  `CREATE TABLE owners (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT`,
  'CREATE INDEX owners_by_age ON owners (at)',
  "CREATE INDEX videos_by_age ON owners (at) WHERE kind = 'video'",
  "INSERT INTO meta (name, value) VALUES ('owners', 0)",
  `CREATE TRIGGER owner_added AFTER INSERT ON owners BEGIN
    UPDATE meta SET value = value + 1 WHERE name = 'owners';
  END`,
  `CREATE TRIGGER owner_gone AFTER DELETE ON owners BEGIN
    UPDATE meta SET value = value - 1 WHERE name = 'owners';
  END`,
  'PRAGMA user_version = 2',
] as const

const cooldown = { model: 'm', since: 1, until: 2, reason: 'rate-limited', meter: 'TPM', strikes: 3 }
const balance = { amount: '1.50', currency: 'CNY', source: 'known', at: 7 }

/** A file of version 1 with two hundred keys, the state of one, and the state of its account. */
async function fileOfVersion1(): Promise<string> {
  const path = newPath()
  const client = clientOf(path)
  await client.executeMultiple('PRAGMA journal_mode = WAL')
  for (const statement of version1) await client.execute(statement)
  for (const { id, secret, site, weight, addedAt } of storedKeys(0, 200)) {
    await client.execute({
      sql: 'INSERT INTO keys (id, secret, site, weight, enabled, added_at) VALUES (?, ?, ?, ?, 1, ?)',
      args: [id, secret, site, weight, addedAt],
    })
  }
  const health = JSON.stringify({ status: 'invalid', reason: 'refused', since: 5 })
  await client.execute({
    sql: "INSERT INTO key_states VALUES (NULL, 'key-1', ?, 4, 3, 2, 1, 9)",
    args: [health],
  })
  await client.execute({
    sql: "INSERT INTO account_states VALUES (NULL, 'key-1', ?, ?, ?)",
    args: [JSON.stringify({ status: 'ready' }), JSON.stringify([cooldown]), JSON.stringify(balance)],
  })
  client.close()
  return path
}

/** The same file as version 2 left it, with an owner. */
async function fileOfVersion2(): Promise<string> {
  const path = await fileOfVersion1()
  const client = clientOf(path)
  for (const statement of version2) await client.execute(statement)
  await client.execute("INSERT INTO owners (id, account, kind, at) VALUES ('file-1', 'key-1', 'file', 1)")
  client.close()
  return path
}

const opened = async (path: string) => {
  const store = await sqliteStore({ path })
  onTestFinished(() => store.close())
  return store
}

const contentOfVersion1 = {
  keys: storedKeys(0, 200),
  keyStates: [
    {
      id: 'key-1',
      health: { status: 'invalid', reason: 'refused', since: 5 },
      requests: 4,
      successes: 3,
      promptTokens: 2,
      completionTokens: 1,
      lastUsedAt: 9,
      failures: 0,
      upstreamAccount: null,
    },
  ],
  accountStates: [{ id: 'key-1', health: { status: 'ready' }, cooldowns: [cooldown], quotas: [] }],
  balances: [
    {
      id: 'key-1',
      baseline: {
        source: 'known',
        amount: 1_500_000_000_000n,
        funds: null,
        currency: 'CNY',
        at: 7,
      },
      spent: { any: 0n, charged: 0n, unknown: 0 },
    },
  ],
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
    const path = await fileOfVersion1()
    const store = await opened(path)
    expect(await store.load()).toEqual(contentOfVersion1)
    expect(await store.revision()).toBe(7)
    await store.putOwners([{ id: 'file-1', account: 'key-1', kind: 'file', at: 1 }])
    const state = { ...contentOfVersion1.keyStates[0], failures: 2, upstreamAccount: 'cm04-fake' }
    await store.saveStates([state as never], [])
    const again = await opened(path)
    expect(await again.ownersOf(['file-1'])).toEqual(new Map([['file-1', 'key-1']]))
    expect((await again.load()).keyStates).toEqual([state])
  })

  it('a migrated file of version 1 has the schema of a new file', async () => {
    const [old, fresh] = [await fileOfVersion1(), newPath()]
    await (await sqliteStore({ path: old })).close()
    await (await sqliteStore({ path: fresh })).close()
    expect(await schemaOf(old)).toEqual(await schemaOf(fresh))
  })

  it('a file of version 1 is migrated once when several stores open it at the same time', async () => {
    const path = await fileOfVersion1()
    const stores = await Promise.all([opened(path), opened(path), opened(path)])
    for (const store of stores) expect(await store.load()).toEqual(contentOfVersion1)
  })

  it('a file of version 1 stays as it was when the migration fails half way, and is migrated the next time', async () => {
    const path = await fileOfVersion1()
    const before = await schemaOf(path)
    // The name of the last object that the migration creates is taken, so that all statements before it must be undone.
    await alter(path, 'CREATE TRIGGER owner_gone AFTER DELETE ON keys BEGIN SELECT 1; END')
    await expect(sqliteStore({ path })).rejects.toMatchObject({ code: 'store_failed' })
    await alter(path, 'DROP TRIGGER owner_gone')
    expect(await schemaOf(path)).toEqual(before)
    expect(await (await opened(path)).load()).toEqual(contentOfVersion1)
  })

  it('a migrated file goes on serving a process of version 1 that has it open', async () => {
    const path = await fileOfVersion1()
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
    const path = await fileOfVersion2()
    const store = await opened(path)
    expect(await store.load()).toEqual(contentOfVersion1)
    expect(await store.ownersOf(['file-1'])).toEqual(new Map([['file-1', 'key-1']]))
    const spent = [{ id: 'key-1', any: 1n, charged: 0n, unknown: 0 }]
    expect(await store.addUsage({ usage: [], spent, balances: [] })).toMatchObject([{ spent: { any: 1n } }])
  })

  it('a migrated file of version 2 has the schema of a new file', async () => {
    const [old, fresh] = [await fileOfVersion2(), newPath()]
    await (await sqliteStore({ path: old })).close()
    await (await sqliteStore({ path: fresh })).close()
    expect(await schemaOf(old)).toEqual(await schemaOf(fresh))
  })

  it('a migrated file goes on serving a process of version 2 that has it open', async () => {
    const path = await fileOfVersion2()
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
