import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { generateSecretText } from '../sealing/master-secret.js'
import { storedKey, storedKeys } from '../testing/stored-keys.js'
import { finishRotation } from './pending-secret.js'
import { rotateSecret } from './rotate-secret.js'
import { secretFingerprint } from './secret-fingerprint.js'
import { sqliteStore } from './sqlite-store.js'
import type { SqliteStoreOptions } from './sqlite-store-options.js'
import { clientOf, fileOfVersion3 } from './testing/old-files.js'
import { filesWith, stateOf } from './testing/raw-files.js'

const root = mkdtempSync(join(tmpdir(), 'sfpool-rotate-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let placeCount = 0
async function newStore(options: Omit<SqliteStoreOptions, 'path'> = {}) {
  const folder = join(root, String(placeCount++))
  mkdirSync(folder)
  const path = join(folder, 'keys.db')
  const store = await sqliteStore({ path, ...options })
  await store.putKeys(storedKeys(0, 300))
  await store.close()
  return { folder, path, keyFile: join(folder, 'secret.key') }
}

async function keysOf(options: SqliteStoreOptions) {
  const store = await sqliteStore(options)
  try {
    return (await store.load()).keys
  } finally {
    await store.close()
  }
}

async function sealedRows(path: string): Promise<string[]> {
  const client = clientOf(path)
  const { rows } = await client.execute('SELECT sealed, fingerprint FROM keys ORDER BY seq LIMIT 3')
  client.close()
  return rows.flatMap(({ sealed, fingerprint }) => [String(sealed), String(fingerprint)])
}

describe('a rotation', () => {
  it('a rotation without a target makes a new secret.key, and leaves nothing that the old one opens', async () => {
    const { folder, path, keyFile } = await newStore()
    const [secret, rows] = [readFileSync(keyFile, 'utf8'), await sealedRows(path)]
    const result = await rotateSecret({ path })
    expect(result).toEqual({
      keys: 300,
      file: keyFile,
      kept: null,
      isNew: true,
      fingerprint: await secretFingerprint({ path }),
    })
    expect(readFileSync(keyFile, 'utf8')).not.toBe(secret)
    expect(Object.keys(stateOf(folder))).toEqual(['keys.db', 'secret.key'])
    for (const text of rows) expect(filesWith(folder, text)).toEqual([])
    expect(await keysOf({ path })).toEqual(storedKeys(0, 300))
    await expect(sqliteStore({ path, secret })).rejects.toThrow('the secret is wrong')
  })

  it('a rotation seals the secrets of records, too, and leaves none in clear', async () => {
    const { folder, path } = await newStore()
    const put = Array.from({ length: 600 }, (_, n) => ({
      kind: n % 2 === 0 ? 'webhook' : 'client',
      id: `record ${n}`,
      value: n,
      secret: n % 3 === 0 ? null : `sk-fake-record-${n}`,
    }))
    const before = await sqliteStore({ path })
    await before.records.write({ at: 1, put })
    expect(filesWith(folder, 'sk-fake')).toEqual([])
    await before.close()
    const client = clientOf(path)
    const [row] = (await client.execute("SELECT sealed FROM records WHERE id = 'record 1'")).rows
    client.close()
    await rotateSecret({ path })
    for (const text of ['sk-fake', String(row?.sealed)]) expect(filesWith(folder, text)).toEqual([])
    const after = await sqliteStore({ path })
    onTestFinished(() => after.close())
    const { items } = await after.records.list('webhook')
    expect(items.map(({ id, secret }) => [id, secret])).toEqual(
      put.filter(({ kind }) => kind === 'webhook').map(({ id, secret }) => [id, secret]),
    )
  })

  it('a rotation to a text, to a file that is there, and to one that is made', async () => {
    const { folder, path } = await newStore({ secret: 'first' })
    await rotateSecret({ path, secret: 'first', to: 'second' })
    expect(await keysOf({ path, secret: 'second' })).toEqual(storedKeys(0, 300))
    const file = join(folder, 'third')
    writeFileSync(file, 'third\n')
    expect(await rotateSecret({ path, secret: 'second', to: { file } })).toMatchObject({ file })
    expect(await keysOf({ path, secret: 'third' })).toEqual(storedKeys(0, 300))
    const made = join(folder, 'fourth')
    await rotateSecret({ path, secret: { file }, to: { file: made } })
    expect(await keysOf({ path, secret: { file: made } })).toEqual(storedKeys(0, 300))
    await rotateSecret({ path, secret: { file: made } })
    expect(await keysOf({ path })).toEqual(storedKeys(0, 300))
  })

  it('a rotation seals a store of an earlier version as well', async () => {
    const folder = join(root, String(placeCount++))
    mkdirSync(folder)
    const path = await fileOfVersion3(join(folder, 'keys.db'))
    await rotateSecret({ path, to: 'second' })
    expect(filesWith(folder, 'sk-fake')).toEqual([])
    expect(await keysOf({ path, secret: 'second' })).toEqual(storedKeys(0, 200))
  })

  it.each([
    ['the same text', 'first'],
    ['the same text in other blanks', ' first\n'],
  ])('a rotation to the secret of before is refused: %s', async (_, to) => {
    const { folder, path } = await newStore({ secret: 'first' })
    const before = stateOf(folder)
    const rotation = rotateSecret({ path, secret: 'first', to, toName: 'NEW_SECRET' })
    await expect(rotation).rejects.toThrow(
      'NEW_SECRET holds the secret that the keys are sealed with already',
    )
    expect(stateOf(folder)).toEqual(before)
  })

  it('a rotation with a wrong secret, of a missing store and of a damaged one is refused', async () => {
    const { folder, path } = await newStore({ secret: 'first' })
    await expect(rotateSecret({ path, secret: 'wrong', to: 'second' })).rejects.toThrow('the secret is wrong')
    const missing = join(folder, 'missing.db')
    await expect(rotateSecret({ path: missing })).rejects.toThrow('there is no such file')
    const client = clientOf(path)
    await client.execute("UPDATE keys SET sealed = '' WHERE id = 'key-299'")
    client.close()
    await expect(rotateSecret({ path, secret: 'first', to: 'second' })).rejects.toThrow('damaged')
    await expect(keysOf({ path, secret: 'first' })).rejects.toThrow('damaged')
    await expect(rotateSecret({ path, secret: 'first' })).rejects.toThrow('damaged')
    expect(Object.keys(stateOf(folder))).toEqual(['keys.db'])
    expect(existsSync(missing)).toBe(false)
  })

  it('a rotation to a file that cannot be made changes nothing', async () => {
    const { folder, path } = await newStore({ secret: 'first' })
    const file = join(folder, 'missing', 'new.key')
    await expect(rotateSecret({ path, secret: 'first', to: { file } })).rejects.toMatchObject({
      code: 'store_failed',
      message: expect.stringContaining(`the secret could not be written to ${file} (ENOENT)`),
    })
    expect(await keysOf({ path, secret: 'first' })).toEqual(storedKeys(0, 300))
  })

  it('a rotation that is repeated after it was cut off finds its work done', async () => {
    const { path } = await newStore({ secret: 'first' })
    const first = await rotateSecret({ path, secret: 'first', to: 'second' })
    expect(await rotateSecret({ path, secret: 'first', to: 'second' })).toEqual({ ...first, isNew: false })
  })

  it('of two rotations at once the second works on what the first left', async () => {
    const { path } = await newStore()
    await Promise.all([rotateSecret({ path }), rotateSecret({ path })])
    expect(await keysOf({ path })).toEqual(storedKeys(0, 300))
  })
})

describe('a store that is open while its secret is rotated', () => {
  it('it goes on with the new secret.key, and seals new keys with it', async () => {
    const { path } = await newStore()
    const store = await sqliteStore({ path })
    onTestFinished(() => store.close())
    await rotateSecret({ path })
    await store.putKeys([storedKey(300)])
    expect((await store.load()).keys).toEqual(storedKeys(0, 301))
    expect(await keysOf({ path })).toEqual(storedKeys(0, 301))
  })

  it('it refuses to write keys with a secret that no longer holds, and still writes states', async () => {
    const { path } = await newStore({ secret: 'first' })
    const store = await sqliteStore({ path, secret: 'first' })
    onTestFinished(() => store.close())
    await rotateSecret({ path, secret: 'first', to: 'second' })
    await expect(store.putKeys([storedKey(300)])).rejects.toThrow('the secret is wrong: the option secret')
    await expect(store.load()).rejects.toThrow('the secret is wrong')
    await store.saveStates([], [])
    expect(await keysOf({ path, secret: 'second' })).toEqual(storedKeys(0, 300))
  })
})

describe('a rotation whose process ended half way', () => {
  it('a new secret that nothing seems to be sealed with stays, and does not hinder the next rotation', async () => {
    const { folder, path } = await newStore()
    const unused = 'secret.key.new-keys.db-0123456789abcdef'
    writeFileSync(join(folder, unused), `${generateSecretText()}\n`)
    expect(await keysOf({ path })).toEqual(storedKeys(0, 300))
    await rotateSecret({ path })
    expect(await keysOf({ path })).toEqual(storedKeys(0, 300))
    expect(Object.keys(stateOf(folder))).toEqual(['keys.db', 'secret.key', unused])
  })

  it('a new secret that the keys are sealed with gets its name at the next opening', async () => {
    const { path, keyFile } = await newStore()
    const old = readFileSync(keyFile)
    const { fingerprint } = await rotateSecret({ path })
    const fresh = readFileSync(keyFile)
    const pending = `${keyFile}.new-keys.db-${fingerprint}`
    writeFileSync(pending, fresh)
    writeFileSync(keyFile, old)
    const reader = await sqliteStore({ path, readOnly: true })
    await reader.close()
    expect(readFileSync(keyFile).equals(old)).toBe(true)
    expect(await keysOf({ path })).toEqual(storedKeys(0, 300))
    expect(readFileSync(keyFile).equals(fresh)).toBe(true)
    expect(existsSync(pending)).toBe(false)
  })
})

it('a process that is late with the end of its rotation takes nothing from the next one', async () => {
  const { path, keyFile } = await newStore()
  const { fingerprint } = await rotateSecret({ path })
  writeFileSync(`${keyFile}.new-keys.db-0123456789abcdef`, `${generateSecretText()}\n`)
  finishRotation({ storePath: path, secretPath: keyFile }, fingerprint)
  expect(await keysOf({ path })).toEqual(storedKeys(0, 300))
})

describe('a rotation beside other stores', () => {
  it('the earlier secret.key is kept for the other stores of the folder', async () => {
    const { folder, path, keyFile } = await newStore()
    const other = join(folder, 'other.db')
    const store = await sqliteStore({ path: other })
    await store.putKeys(storedKeys(0, 5))
    await store.close()
    const { kept } = await rotateSecret({ path })
    expect(kept).toBe(`${keyFile}.old`)
    expect(await keysOf({ path })).toEqual(storedKeys(0, 300))
    expect(await keysOf({ path: other, secret: { file: `${keyFile}.old` } })).toEqual(storedKeys(0, 5))
    expect((await rotateSecret({ path })).kept).toBe(`${keyFile}.old-2`)
    expect(await keysOf({ path: other, secret: { file: `${keyFile}.old` } })).toEqual(storedKeys(0, 5))
  })

  it('a copy of the store beside it opens with the kept secret', async () => {
    const { path, keyFile } = await newStore()
    const copy = `${path}.bak`
    copyFileSync(path, copy)
    await rotateSecret({ path })
    expect(await keysOf({ path: copy, secret: { file: `${keyFile}.old` } })).toEqual(storedKeys(0, 300))
  })
})

describe('the fingerprint of a secret', () => {
  it('a fingerprint names the secret, and changes nothing', async () => {
    const { folder, path } = await newStore({ secret: 'first' })
    const before = stateOf(folder)
    expect(await secretFingerprint({ path, secret: 'first' })).toMatch(/^[0-9a-f]{16}$/)
    await expect(secretFingerprint({ path, secret: 'other' })).rejects.toThrow('the secret is wrong')
    expect(stateOf(folder)).toEqual(before)
  })

  it('a store whose keys lie in clear has none', async () => {
    const folder = join(root, String(placeCount++))
    mkdirSync(folder)
    const path = await fileOfVersion3(join(folder, 'keys.db'))
    await expect(secretFingerprint({ path })).rejects.toThrow('its keys are not sealed yet')
    expect(Object.keys(stateOf(folder))).toEqual(['keys.db'])
  })
})
