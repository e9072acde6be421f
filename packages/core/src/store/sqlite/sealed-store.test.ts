import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError } from '../../errors.js'
import type { Store } from '../store.js'
import { storedKey, storedKeys } from '../testing/stored-keys.js'
import { secretFingerprint } from './secret-fingerprint.js'
import { sqliteStore } from './sqlite-store.js'
import type { SqliteStoreOptions } from './sqlite-store-options.js'
import type { StoreNotice } from './store-notice.js'
import {
  clientOf,
  contentOfOldFile,
  fileOfVersion1,
  fileOfVersion2,
  fileOfVersion3,
} from './testing/old-files.js'
import { filesWith, stateOf } from './testing/raw-files.js'

const root = mkdtempSync(join(tmpdir(), 'sfpool-sqlite-sealed-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let placeCount = 0
function newPlace(): { folder: string; path: string; keyFile: string } {
  const folder = join(root, String(placeCount++))
  mkdirSync(folder)
  return { folder, path: join(folder, 'keys.db'), keyFile: join(folder, 'secret.key') }
}

async function opened(options: SqliteStoreOptions): Promise<Store> {
  const store = await sqliteStore(options)
  onTestFinished(() => store.close())
  return store
}

async function storeWith(options: SqliteStoreOptions, keyCount = 20): Promise<void> {
  const store = await sqliteStore(options)
  await store.putKeys(storedKeys(0, keyCount))
  await store.close()
}

async function change(path: string, ...statements: string[]): Promise<void> {
  const client = clientOf(path)
  for (const statement of statements) await client.execute(statement)
  await client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
  client.close()
}

/** Opening is refused with a message, and nothing in the folder is changed. */
async function refused(options: SqliteStoreOptions, folder: string): Promise<string> {
  const before = stateOf(folder)
  let message = ''
  try {
    const store = await sqliteStore(options)
    try {
      await store.load()
    } finally {
      await store.close()
    }
  } catch (error) {
    expect(error).toMatchObject({ code: 'store_failed' })
    message = (error as Error).message
  }
  expect(message).toContain(`the key store ${options.path}: `)
  expect(message).not.toContain('sk-fake')
  expect(stateOf(folder)).toEqual(before)
  return message
}

describe('secrets at rest', () => {
  it('no secret lies in clear in a store, nor in its log, while it is in use and after', async () => {
    const { folder, path } = newPlace()
    const store = await opened({ path })
    await store.putKeys(storedKeys(0, 300))
    expect(filesWith(folder, 'sk-fake')).toEqual([])
    await store.putKeys([storedKey(1, { label: 'changed', secret: 'sk-fake-another' })])
    await store.removeKeys(['key-2'])
    expect(filesWith(folder, 'sk-fake')).toEqual([])
    await store.close()
    expect(filesWith(folder, 'sk-fake')).toEqual([])
  })

  it('a secret of a record that was put in the place of another is reported as damage', async () => {
    const { folder, path } = newPlace()
    const store = await sqliteStore({ path })
    const put = ['a', 'b'].map((id) => ({ kind: 'webhook', id, value: null, secret: `sk-fake-${id}` }))
    await store.records.write({ at: 1, put })
    await store.close()
    expect(filesWith(folder, 'sk-fake')).toEqual([])
    await change(path, "UPDATE records SET sealed = (SELECT sealed FROM records WHERE id = 'a')")
    const again = await opened({ path })
    expect(await again.records?.get('webhook', 'a')).toMatchObject({ secret: 'sk-fake-a' })
    const error = await again.records?.get('webhook', 'b').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining('these webhooks do'),
    })
  })

  it('the first use of a store makes secret.key beside it, private and told once', async () => {
    const { path, keyFile } = newPlace()
    const notices: StoreNotice[] = []
    const onNotice = (notice: StoreNotice): void => void notices.push(notice)
    await storeWith({ path, onNotice })
    await storeWith({ path, onNotice })
    expect(notices).toEqual([{ type: 'secret-made', path: keyFile }])
    if (process.platform !== 'win32') expect(statSync(keyFile).mode & 0o777).toBe(0o600)
  })

  it('stores that are made at the same time in one folder share one secret.key', async () => {
    const { folder } = newPlace()
    const paths = ['a.db', 'b.db', 'c.db'].map((name) => join(folder, name))
    await Promise.all(paths.map((path) => storeWith({ path })))
    for (const path of paths) expect((await (await opened({ path })).load()).keys).toHaveLength(20)
  })

  it('a secret that is given makes no file', async () => {
    const { folder, path } = newPlace()
    await storeWith({ path, secret: 'a passphrase' })
    expect(Object.keys(stateOf(folder))).not.toContain('secret.key')
    expect((await (await opened({ path, secret: ' a passphrase\n' })).load()).keys).toEqual(storedKeys(0, 20))
  })

  it('the content of secret.key opens the store as a text and by its path', async () => {
    const { folder, path, keyFile } = newPlace()
    await storeWith({ path })
    const elsewhere = join(folder, 'moved')
    copyFileSync(keyFile, elsewhere)
    rmSync(keyFile)
    for (const secret of [readFileSync(elsewhere, 'utf8'), { file: elsewhere }]) {
      expect((await (await opened({ path, secret })).load()).keys).toEqual(storedKeys(0, 20))
    }
  })

  it('bytes are a secret', async () => {
    const { path } = newPlace()
    const secret = new Uint8Array(32).fill(7)
    await storeWith({ path, secret })
    expect((await (await opened({ path, secret })).load()).keys).toEqual(storedKeys(0, 20))
  })

  it.each([
    ['', 'must not be empty'],
    [' \n', 'must not be empty'],
    [new Uint8Array(31), 'must have at least 32 bytes'],
    [{ file: '' }, 'must be a text, bytes, or { file: path }'],
    [42 as never, 'must be a text, bytes, or { file: path }'],
  ])('sqliteStore refuses the secret %j without repeating it', async (secret, rule) => {
    const { folder, path } = newPlace()
    await expect(sqliteStore({ path, secret })).rejects.toThrow(ConfigError)
    await expect(sqliteStore({ path, secret })).rejects.toThrow(
      `secret ${rule}; received a value that is not shown`,
    )
    expect(stateOf(folder)).toEqual({})
  })

  it('a changed setting leaves the seal of a key as it is, a changed secret does not', async () => {
    const { path } = newPlace()
    await storeWith({ path })
    const sealedOf = async (): Promise<unknown[]> => {
      const client = clientOf(path)
      const { rows } = await client.execute('SELECT sealed FROM keys ORDER BY seq')
      client.close()
      return rows.map(({ sealed }) => sealed)
    }
    const before = await sealedOf()
    const store = await opened({ path })
    await store.putKeys([storedKey(0, { enabled: false }), storedKey(1, { secret: 'sk-fake-new' })])
    const after = await sealedOf()
    expect(after[0]).toBe(before[0])
    expect(after[1]).not.toBe(before[1])
    expect((await store.load()).keys.slice(0, 2)).toEqual([
      storedKey(0, { enabled: false }),
      storedKey(1, { secret: 'sk-fake-new' }),
    ])
  })
})

describe('a store that its secret does not open', () => {
  it('a wrong secret is refused by the name of its source, and nothing is changed', async () => {
    const { folder, path, keyFile } = newPlace()
    await storeWith({ path, secret: 'the right one' })
    const name = await secretFingerprint({ path, secret: 'the right one' })
    const wrong = { path, secret: 'the wrong one', secretName: 'SFPOOL_SECRET' }
    const message = await refused(wrong, folder)
    expect(message).toContain('the secret is wrong: SFPOOL_SECRET holds another one')
    expect(message).toContain(name)
    expect(message).not.toContain('the wrong one')
    writeFileSync(keyFile, 'of another store\n', { mode: 0o600 })
    expect(await refused({ path }, folder)).toContain(`the secret is wrong: ${keyFile} holds another one`)
    expect(await refused({ path, secret: { file: keyFile } }, folder)).toContain(keyFile)
  })

  it('a lost secret.key is said, and not made anew over a sealed store', async () => {
    const { folder, path, keyFile } = newPlace()
    await storeWith({ path })
    const secret = readFileSync(keyFile)
    rmSync(keyFile)
    const message = await refused({ path }, folder)
    expect(message).toContain(`the secret is lost: no secret was given, and ${keyFile} is missing`)
    expect(await refused({ path, readOnly: true }, folder)).toContain('the secret is lost')
    writeFileSync(keyFile, secret, { mode: 0o600 })
    expect((await (await opened({ path })).load()).keys).toEqual(storedKeys(0, 20))
  })

  it('a store without keys is not sealed anew either', async () => {
    const { folder, path, keyFile } = newPlace()
    await storeWith({ path }, 0)
    rmSync(keyFile)
    expect(await refused({ path }, folder)).toContain('the secret is lost')
  })

  it('a secret file that is missing is said before a store is made', async () => {
    const { folder, path } = newPlace()
    const file = join(folder, 'missing')
    expect(await refused({ path, secret: { file } }, folder)).toContain(
      `the secret file ${file} does not exist`,
    )
  })

  it.each([
    ['an empty file', (file: string) => writeFileSync(file, ' \n'), 'is empty'],
    ['a folder', (file: string) => mkdirSync(file), 'is no file'],
    ['a large file', (file: string) => writeFileSync(file, 'x'.repeat(5_000)), 'is larger than 4096 bytes'],
  ])('%s is no secret', async (_, make, reason) => {
    const { path, keyFile } = newPlace()
    make(keyFile)
    await expect(sqliteStore({ path })).rejects.toThrow(`${keyFile} ${reason}`)
    await expect(sqliteStore({ path, secret: { file: keyFile } })).rejects.toThrow(`${keyFile} ${reason}`)
  })

  it.each([
    [
      'a changed text',
      "UPDATE keys SET sealed = replace(sealed, substr(sealed, 30, 4), 'AAAA') WHERE id = 'key-3'",
      'key-3',
    ],
    [
      'a text of another row',
      "UPDATE keys SET sealed = (SELECT sealed FROM keys WHERE id = 'key-4') WHERE id = 'key-3'",
      'key-3',
    ],
    ['no text', "UPDATE keys SET sealed = ''", 'key-0, key-1, key-2 and 17 more'],
  ])('damage is told from a wrong secret: %s', async (_, statement, keys) => {
    const { folder, path } = newPlace()
    await storeWith({ path })
    await change(path, statement)
    const message = await refused({ path }, folder)
    expect(message).toContain(
      `the file is damaged: the secret is the right one, but these keys do not open with it: ${keys};`,
    )
  })

  it.each([
    "UPDATE seal SET salt = 'AAAAAAAAAAAAAAAAAAAAAA=='",
    'UPDATE seal SET constant = substr(constant, 5)',
    "UPDATE seal SET derivation = 'scrypt:99:8:1'",
    'DELETE FROM seal',
  ])('damage of what tells the secret is told from a wrong secret: %s', async (statement) => {
    const { folder, path } = newPlace()
    await storeWith({ path })
    await change(path, statement)
    expect(await refused({ path }, folder)).toContain(
      'the file is damaged: what tells which secret opens it was changed',
    )
  })
})

describe('a store of an earlier version', () => {
  const versions = [
    ['1', fileOfVersion1],
    ['2', fileOfVersion2],
    ['3', fileOfVersion3],
  ] as const

  it.each(versions)('version %s is sealed on opening, and no clear copy stays', async (_, make) => {
    const { folder, path, keyFile } = newPlace()
    await make(path)
    expect(filesWith(folder, 'sk-fake')).not.toEqual([])
    const notices: StoreNotice[] = []
    const store = await opened({ path, onNotice: (notice) => notices.push(notice) })
    expect(filesWith(folder, 'sk-fake')).toEqual([])
    expect(notices).toEqual([
      { type: 'secret-made', path: keyFile },
      { type: 'keys-sealed', count: 200 },
    ])
    expect(await store.load()).toEqual(contentOfOldFile)
  })

  it.each(versions)('version %s is read without any change when it is only read', async (_, make) => {
    const { folder, path } = newPlace()
    await make(path)
    await change(path)
    const before = readFileSync(path)
    const store = await opened({ path, readOnly: true })
    expect(await store.load()).toEqual(contentOfOldFile)
    expect(await store.revision()).toBe(7)
    expect(await store.ownersOf(['file-1'])).toEqual(
      new Map(make === fileOfVersion1 ? [] : [['file-1', 'key-1']]),
    )
    const usage: unknown[] = []
    await store.readUsage({ book: 'keys', from: 0, to: 99_999 }, (rows) => usage.push(...rows))
    expect(usage).toEqual([])
    await expect(store.putKeys([storedKey(0)])).rejects.toThrow('it was opened for reading only')
    await store.close()
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(Object.keys(stateOf(folder))).not.toContain('secret.key')
  })

  it('a reader that still sees the old form postpones the cleaning, and the next opening does it', async () => {
    const { folder, path } = newPlace()
    await fileOfVersion3(path)
    const reader = clientOf(path)
    const reading = await reader.transaction('read')
    await reading.execute('SELECT count(*) FROM keys')
    const notices: StoreNotice[] = []
    const wait = async (): Promise<void> => {}
    const store = await sqliteStore({ path, wait, onNotice: (notice) => notices.push(notice) })
    expect(notices.at(-1)).toMatchObject({ type: 'clean-up-postponed' })
    expect((await store.load()).keys).toEqual(storedKeys(0, 200))
    await store.close()
    expect(filesWith(folder, 'sk-fake')).not.toEqual([])
    reading.close()
    reader.close()
    await storeWith({ path }, 0)
    expect(filesWith(folder, 'sk-fake')).toEqual([])
  })

  it('a process of version 3 that has the file open cannot write a key in clear any more', async () => {
    const { folder, path } = newPlace()
    await fileOfVersion3(path)
    const old = clientOf(path)
    onTestFinished(() => old.close())
    await old.execute('SELECT count(*) FROM keys')
    const store = await opened({ path })
    await expect(
      old.execute(
        "INSERT INTO keys (id, secret, site, weight, enabled, added_at) VALUES ('x', 'sk-fake-x', 'cn', 1, 1, 1)",
      ),
    ).rejects.toThrow('secret')
    expect((await store.load()).keys).toHaveLength(200)
    expect(filesWith(folder, 'sk-fake')).toEqual([])
  })

  it('an old store is left in clear when the secret cannot be written, and nothing is changed', async () => {
    const { folder, path, keyFile } = newPlace()
    await fileOfVersion3(path)
    await change(path)
    mkdirSync(keyFile)
    const before = readFileSync(path)
    await expect(sqliteStore({ path })).rejects.toThrow(`${keyFile} is no file`)
    await change(path)
    expect(filesWith(folder, 'sk-fake')).toEqual(['keys.db'])
    expect((await (await opened({ path, readOnly: true })).load()).keys).toHaveLength(200)
    expect(readFileSync(path).length).toBe(before.length)
  })
})

describe('a store that is only read', () => {
  it('what lies in the log of a killed process stays there', async () => {
    const { folder, path } = newPlace()
    const writer = await opened({ path })
    await writer.putKeys([storedKey(0)])
    const log = readFileSync(`${path}-wal`)
    expect(log.length).toBeGreaterThan(0)
    const reader = await sqliteStore({ path, readOnly: true })
    expect((await reader.load()).keys).toEqual([storedKey(0)])
    await reader.close()
    expect(readFileSync(`${path}-wal`).equals(log)).toBe(true)
    expect(filesWith(folder, 'sk-fake')).toEqual([])
  })

  it('a missing store is refused and not made', async () => {
    const { folder, path } = newPlace()
    expect(await refused({ path, readOnly: true }, folder)).toContain('there is no such file')
  })

  it('an empty file has no keys, and stays empty', async () => {
    const { folder, path } = newPlace()
    writeFileSync(path, '')
    const store = await opened({ path, readOnly: true })
    expect((await store.load()).keys).toEqual([])
    expect(await store.revision()).toBe(0)
    expect(readFileSync(path)).toHaveLength(0)
    expect(Object.keys(stateOf(folder))).toEqual(['keys.db'])
  })

  it('a sealed store is read, and its changes by others are seen', async () => {
    const { path } = newPlace()
    const writer = await opened({ path })
    const reader = await opened({ path, readOnly: true })
    await writer.putKeys([storedKey(0)])
    expect((await reader.load()).keys).toEqual([storedKey(0)])
    await expect(reader.removeKeys(['key-0'])).rejects.toThrow('it was opened for reading only')
  })
})

// The superuser may do anything.
describe.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a folder that cannot be written',
  () => {
    it('a secret that cannot be made is said with the folder', async () => {
      const { folder, path, keyFile } = newPlace()
      writeFileSync(path, '')
      chmodSync(folder, 0o500)
      onTestFinished(() => chmodSync(folder, 0o700))
      await expect(sqliteStore({ path })).rejects.toThrow(keyFile)
    })
  },
)
