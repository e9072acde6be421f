import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { storedKey, storedKeys } from '../testing/stored-keys.js'
import { backupStore } from './backup-store.js'
import { restoreStore } from './restore-store.js'
import { rotateSecret } from './rotate-secret.js'
import { secretFingerprint } from './secret-fingerprint.js'
import { sqliteStore } from './sqlite-store.js'
import type { SqliteStoreOptions } from './sqlite-store-options.js'
import { clientOf, fileOfVersion3 } from './testing/old-files.js'
import { filesWith, stateOf } from './testing/raw-files.js'

const root = mkdtempSync(join(tmpdir(), 'sfpool-backup-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let placeCount = 0
function newPlace(): { folder: string; path: string; to: string } {
  const folder = join(root, String(placeCount++))
  mkdirSync(folder)
  return { folder, path: join(folder, 'keys.db'), to: join(folder, 'backups', 'today.db') }
}

async function storeWith(options: SqliteStoreOptions, keyCount = 300): Promise<void> {
  const store = await sqliteStore(options)
  await store.putKeys(storedKeys(0, keyCount))
  await store.records.write({
    at: 1,
    put: [{ kind: 'webhook', id: 'a', value: 1, secret: 'sk-fake-record' }],
    append: [{ journal: 'audit', value: 'made' }],
  })
  await store.close()
}

async function contentOf(options: SqliteStoreOptions) {
  const store = await sqliteStore({ ...options, readOnly: true })
  try {
    const [record, journal] = [
      await store.records.get('webhook', 'a'),
      await store.records.readJournal('audit'),
    ]
    return { keys: (await store.load()).keys, record: record?.secret, entries: journal.items.length }
  } finally {
    await store.close()
  }
}

const whole = { keys: storedKeys(0, 300), record: 'sk-fake-record', entries: 1 }

function withNumber(bytes: Buffer, at: number): Buffer {
  bytes.writeUInt32BE(99, at)
  return bytes
}

describe('a backup', () => {
  it('a backup is one private file that opens with the secret of the store, and holds nothing in clear', async () => {
    const { path, to, folder } = newPlace()
    await storeWith({ path })
    const before = stateOf(folder)
    const backup = await backupStore({ path, to })
    const { size, mode } = statSync(to)
    expect(backup).toEqual({
      path: to,
      bytes: size,
      keys: 300,
      fingerprint: await secretFingerprint({ path }),
    })
    if (process.platform !== 'win32') expect(mode & 0o777).toBe(0o600)
    expect(readdirSync(join(folder, 'backups'))).toEqual(['today.db'])
    expect(filesWith(join(folder, 'backups'), 'sk-fake')).toEqual([])
    expect(stateOf(folder)).toEqual({ ...before, backups: 'a folder' })
    expect(await contentOf({ path: to, secret: { file: join(folder, 'secret.key') } })).toEqual(whole)
  })

  it('a backup is consistent while the store is written to, and does not stop the process', async () => {
    const { path, to } = newPlace()
    const store = await sqliteStore({ path, secret: 'a passphrase' })
    onTestFinished(() => store.close())
    await store.putKeys(storedKeys(0, 5_000))
    let isDone = false
    let turns = 0
    const count = (): void => {
      turns++
      if (!isDone) setImmediate(count)
    }
    count()
    const writing = (async () => {
      // Each pair is one change: a backup holds both or neither.
      for (let n = 5_000; !isDone; n += 2) await store.putKeys([storedKey(n), storedKey(n + 1)])
    })()
    const backup = await backupStore({ path, to, secret: 'a passphrase' })
    isDone = true
    await writing
    expect(turns).toBeGreaterThan(10)
    expect(backup.keys % 2).toBe(0)
    const { keys } = await contentOf({ path: to, secret: 'a passphrase' })
    expect(keys.length % 2).toBe(0)
    expect(keys).toEqual(storedKeys(0, keys.length))
  })

  it('a backup replaces a file only when that is allowed, and never the store itself', async () => {
    const { path, to, folder } = newPlace()
    await storeWith({ path })
    mkdirSync(join(folder, 'backups'))
    writeFileSync(to, 'something else')
    await expect(backupStore({ path, to })).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(`${to}: a file of this name exists already`),
    })
    expect(readFileSync(to, 'utf8')).toBe('something else')
    await expect(backupStore({ path, to: path, replace: true })).rejects.toThrow('it is the store itself')
    await backupStore({ path, to, replace: true })
    expect(await contentOf({ path: to, secret: { file: join(folder, 'secret.key') } })).toEqual(whole)
    expect(readdirSync(join(folder, 'backups'))).toEqual(['today.db'])
  })

  it('a backup of a store of an earlier version is sealed, as is the store then', async () => {
    const { path, to, folder } = newPlace()
    await fileOfVersion3(path)
    await backupStore({ path, to })
    for (const place of [folder, join(folder, 'backups')]) expect(filesWith(place, 'sk-fake')).toEqual([])
    expect((await contentOf({ path: to, secret: { file: join(folder, 'secret.key') } })).keys).toHaveLength(
      200,
    )
  })

  it('a backup of a missing store, with a wrong secret and to a place that cannot be, leaves nothing', async () => {
    const { path, to, folder } = newPlace()
    await expect(backupStore({ path, to })).rejects.toThrow('there is no such file')
    await storeWith({ path, secret: 'right' })
    await expect(backupStore({ path, to, secret: 'wrong' })).rejects.toThrow('the secret is wrong')
    const inFile = join(path, 'today.db')
    await expect(backupStore({ path, to: inFile, secret: 'right' })).rejects.toThrow(`the backup ${inFile}: `)
    expect(existsSync(join(folder, 'backups'))).toBe(false)
    expect(Object.keys(stateOf(folder))).toEqual(['keys.db'])
  })
})

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** The driver closes a file when the statements on it are collected. Other processes see it closed only then. */
const once = <T>(work: () => Promise<T>): Promise<T> =>
  vi.waitFor(
    () => {
      collectGarbage()
      return work()
    },
    { timeout: 60_000 },
  )

describe('a backup that is put back', () => {
  it('a backup becomes a store where there was none, and what lay beside that place is no part of it', async () => {
    const { path, to, folder } = newPlace()
    await storeWith({ path, secret: 'right' })
    await backupStore({ path, to, secret: 'right' })
    const target = join(folder, 'restored', 'pool.db')
    mkdirSync(join(folder, 'restored'))
    writeFileSync(`${target}-wal`, 'of a store that is gone')
    const restored = await restoreStore({ path: target, from: to, secret: 'right' })
    expect(restored).toEqual({
      path: target,
      replaced: false,
      keys: 300,
      fingerprint: await secretFingerprint({ path, secret: 'right' }),
    })
    expect(readdirSync(join(folder, 'restored'))).toEqual(['pool.db'])
    if (process.platform !== 'win32') expect(statSync(target).mode & 0o777).toBe(0o600)
    expect(await contentOf({ path: target, secret: 'right' })).toEqual(whole)
    const store = await sqliteStore({ path: target, secret: 'right' })
    await store.putKeys([storedKey(300)])
    await store.close()
  })

  it('a backup replaces a store only when that is allowed, also a damaged one', async () => {
    const { path, to, folder } = newPlace()
    await storeWith({ path, secret: 'right' })
    await backupStore({ path, to, secret: 'right' })
    await storeWith({ path, secret: 'right' }, 310)
    await expect(restoreStore({ path, from: to, secret: 'right' })).rejects.toThrow(
      'there is a store already',
    )
    expect((await contentOf({ path, secret: 'right' })).keys).toHaveLength(310)
    const restored = await once(() => restoreStore({ path, from: to, secret: 'right', replace: true }))
    expect(restored).toMatchObject({ replaced: true, keys: 300 })
    expect(await contentOf({ path, secret: 'right' })).toEqual(whole)
    expect(Object.keys(stateOf(folder))).toEqual(['backups', 'keys.db'])
    // What is damaged can be replaced, too: that is what backups are for.
    writeFileSync(path, 'damaged')
    writeFileSync(`${path}-wal`, 'of the damaged file')
    await once(() => restoreStore({ path, from: to, secret: 'right', replace: true }))
    expect(await contentOf({ path, secret: 'right' })).toEqual(whole)
  })

  it.each([
    ['no database', (bytes: Buffer) => bytes.fill(65), 'is not a SQLite database'],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, Math.floor(bytes.length / 2)), 'damaged'],
    ['changed in the middle', (bytes: Buffer) => bytes.fill(0, 4_096 * 3, 4_096 * 9), 'damaged'],
    ['of a later version', (bytes: Buffer) => withNumber(bytes, 60), 'a later version wrote it'],
    ['of another program', (bytes: Buffer) => withNumber(bytes, 68), 'the database of another program'],
  ])('a backup that is %s is refused, and the store stays as it is', async (_, damage, reason) => {
    const { path, to, folder } = newPlace()
    await storeWith({ path, secret: 'right' })
    await backupStore({ path, to, secret: 'right' })
    writeFileSync(to, damage(readFileSync(to)))
    const before = [stateOf(folder), stateOf(join(folder, 'backups'))]
    const error = await restoreStore({ path, from: to, secret: 'right', replace: true }).catch(
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ code: 'store_failed', message: expect.stringContaining(reason) })
    expect(error.message).toContain(to)
    expect([stateOf(folder), stateOf(join(folder, 'backups'))]).toEqual(before)
  })

  it('a backup of before a rotation opens with the secret of before only', async () => {
    const { path, to, folder } = newPlace()
    await storeWith({ path, secret: 'before' })
    await backupStore({ path, to, secret: 'before' })
    await rotateSecret({ path, secret: 'before', to: 'after' })
    const before = stateOf(folder)
    const error = await restoreStore({ path, from: to, secret: 'after', replace: true }).catch(
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ code: 'store_failed', param: 'secret' })
    expect(error.message).toContain('the secret is wrong')
    expect(stateOf(folder)).toEqual(before)
  })

  it('a copy of an earlier version, with its secrets in clear, becomes a sealed store', async () => {
    const { path, to, folder } = newPlace()
    mkdirSync(join(folder, 'backups'))
    const client = clientOf(await fileOfVersion3(to))
    await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    client.close()
    await restoreStore({ path, from: to, secret: 'right' })
    expect(filesWith(folder, 'sk-fake')).toEqual([])
    expect((await contentOf({ path, secret: 'right' })).keys).toHaveLength(200)
  })

  it('a missing backup, and a store that is its own backup, are refused', async () => {
    const { path, to } = newPlace()
    await storeWith({ path, secret: 'right' })
    await expect(restoreStore({ path, from: to, replace: true })).rejects.toThrow('there is no such file')
    await expect(restoreStore({ path, from: path, replace: true })).rejects.toThrow('it is the store itself')
  })

  it('a store that is open, though idle, is not replaced', async () => {
    const { path, to, folder } = newPlace()
    await storeWith({ path, secret: 'right' })
    await backupStore({ path, to, secret: 'right' })
    const store = await sqliteStore({ path, secret: 'right' })
    onTestFinished(() => store.close())
    await store.putKeys([storedKey(300)])
    const restoring = restoreStore({ path, from: to, secret: 'right', replace: true, busyTimeoutMs: 0 })
    await expect(restoring).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('another process uses it'),
    })
    expect((await store.load()).keys).toHaveLength(301)
    await store.putKeys([storedKey(301)])
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([])
  })
})
