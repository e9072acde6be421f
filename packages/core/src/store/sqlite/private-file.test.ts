import { createHash } from 'node:crypto'
import {
  chmodSync,
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
import { createClient } from '@libsql/client/sqlite3'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { storedKey } from '../testing/stored-keys.js'
import { schemaVersion } from './schema.js'
import { sqliteStore } from './sqlite-store.js'

const folder = mkdtempSync(join(tmpdir(), 'sfpool-sqlite-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let folderCount = 0
const newFolder = (): string => {
  const path = join(folder, String(folderCount++))
  mkdirSync(path, { mode: 0o755 })
  return path
}

const rightsIn = (path: string): Record<string, string> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, rightsOf(join(path, name))]))
const rightsOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

const makeDatabase = async (path: string, statements: readonly string[]): Promise<void> => {
  const client = createClient({ url: `file:${encodeURIComponent(path)}`, concurrency: 1 })
  for (const statement of statements) await client.execute(statement)
  client.close()
}

// Windows has no such rights; its files are private by the rights of their folder.
describe.skipIf(process.platform === 'win32')('the rights of a SQLite store', () => {
  it('the file of a SQLite store, its companions and new folders are readable by their owner alone', async () => {
    const place = newFolder()
    const store = await sqliteStore({ path: join(place, 'made/for/it/keys.db') })
    onTestFinished(() => store.close())
    await store.putKeys([storedKey(0)])
    expect(rightsIn(join(place, 'made/for/it'))).toEqual({
      'keys.db': '600',
      'keys.db-shm': '600',
      'keys.db-wal': '600',
      'secret.key': '600',
    })
    expect([rightsOf(join(place, 'made')), rightsOf(join(place, 'made/for'))]).toEqual(['700', '700'])
    expect(rightsOf(place)).toBe('755')
  })

  it('a file that was readable by others becomes private', async () => {
    const place = newFolder()
    const path = join(place, 'keys.db')
    const earlier = await sqliteStore({ path })
    await earlier.putKeys([storedKey(0)])
    for (const name of readdirSync(place)) chmodSync(join(place, name), 0o664)
    const store = await sqliteStore({ path })
    onTestFinished(async () => {
      await store.close()
      await earlier.close()
    })
    const names = ['keys.db', 'keys.db-shm', 'keys.db-wal', 'secret.key']
    expect(rightsIn(place)).toEqual(Object.fromEntries(names.map((name) => [name, '600'])))
    expect((await store.load()).keys).toEqual([storedKey(0)])
  })
})

describe('sqliteStore refuses what is not its file', () => {
  const refuse = async (path: string, reason: string): Promise<void> => {
    chmodSync(path, 0o644)
    const before = [digest(path), rightsOf(path), readdirSync(join(path, '..'))]
    await expect(sqliteStore({ path })).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(reason),
    })
    expect([digest(path), rightsOf(path), readdirSync(join(path, '..'))]).toEqual(before)
  }

  it.each([
    ['a short text', 'sk-fake0000000000000000\n'],
    ['a long one', 'a line of a key file\n'.repeat(5_000)],
  ])('sqliteStore leaves a file as it is that is no database: %s', async (_, text) => {
    const path = join(newFolder(), 'keys.txt')
    writeFileSync(path, text)
    await refuse(path, 'is not a SQLite database')
  })

  it('sqliteStore leaves the database of another program as it is', async () => {
    const path = join(newFolder(), 'other.db')
    await makeDatabase(path, ['CREATE TABLE api_keys (key TEXT)'])
    await refuse(path, 'the database of another program')
  })

  it('sqliteStore leaves the database of a later version as it is', async () => {
    const path = join(newFolder(), 'keys.db')
    const current = join(newFolder(), 'keys.db')
    await (await sqliteStore({ path: current })).close()
    const bytes = readFileSync(current)
    // The header's user version, and its mark of a write-ahead log, which would make reading create companions.
    bytes.writeUInt32BE(schemaVersion + 1, 60)
    bytes.fill(1, 18, 20)
    writeFileSync(path, bytes)
    await refuse(
      path,
      `a later version wrote it (schema ${schemaVersion + 1}, this version knows ${schemaVersion})`,
    )
  })

  it('sqliteStore leaves a folder as it is', async () => {
    const path = newFolder()
    await expect(sqliteStore({ path })).rejects.toMatchObject({ code: 'store_failed' })
    expect(readdirSync(path)).toEqual([])
  })

  it('sqliteStore leaves a file as it is that stands where a folder should be', async () => {
    const path = join(newFolder(), 'file')
    writeFileSync(path, 'text')
    await expect(sqliteStore({ path: join(path, 'keys.db') })).rejects.toMatchObject({ code: 'store_failed' })
    expect(readFileSync(path, 'utf8')).toBe('text')
  })
})

it('sqliteStore uses an empty file that exists already', async () => {
  const path = join(newFolder(), 'keys.db')
  writeFileSync(path, '')
  const store = await sqliteStore({ path })
  onTestFinished(() => store.close())
  await store.putKeys([storedKey(0)])
  expect((await store.load()).keys).toEqual([storedKey(0)])
})

it('sqliteStore reports a damaged file', async () => {
  const path = join(newFolder(), 'keys.db')
  const earlier = await sqliteStore({ path })
  await earlier.putKeys(Array.from({ length: 2_000 }, (_, n) => storedKey(n)))
  await earlier.close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4_096 * 3)
  writeFileSync(path, bytes)
  await expect(sqliteStore({ path })).rejects.toMatchObject({
    code: 'store_failed',
    message: expect.stringContaining('damaged'),
  })
})
