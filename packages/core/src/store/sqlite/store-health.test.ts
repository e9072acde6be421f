import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import { storedKeys } from '../testing/stored-keys.js'
import { sqliteStore } from './sqlite-store.js'
import { storeHealth } from './store-health.js'
import { fileOfVersion3 } from './testing/old-files.js'
import { stateOf } from './testing/raw-files.js'

const root = mkdtempSync(join(tmpdir(), 'sfpool-health-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

let placeCount = 0
async function newStore(secret?: string): Promise<{ folder: string; path: string }> {
  const folder = join(root, String(placeCount++))
  mkdirSync(folder)
  const path = join(folder, 'keys.db')
  const store = await sqliteStore({ path, ...(secret !== undefined && { secret }) })
  await store.putKeys(storedKeys(0, 300))
  await store.close()
  return { folder, path }
}

it('a store that works is told with its size, the room on its disk and its secret, also while it is used', async () => {
  const { folder, path } = await newStore()
  const before = stateOf(folder)
  const store = await sqliteStore({ path })
  onTestFinished(() => store.close())
  const health = await storeHealth({ path })
  expect(health).toMatchObject({ path, status: 'ok', message: null, isWritable: true })
  expect(health.contents).toEqual({ keys: 300, fingerprint: expect.stringMatching(/^[\da-f]{16}$/) })
  expect(health.bytes).toBeGreaterThan(10_000)
  expect(health.freeBytes).toBeGreaterThan(0)
  expect(stateOf(folder)).toEqual(before)
})

it('a store that is missing is told, and none is made', async () => {
  const path = join(root, 'missing', 'keys.db')
  expect(await storeHealth({ path })).toMatchObject({
    status: 'missing',
    message: null,
    contents: null,
    bytes: 0,
  })
  expect(stateOf(root)).not.toHaveProperty('missing')
})

it('a wrong secret, a lost secret and damage that no key shows are told apart', async () => {
  const { path } = await newStore('right')
  expect((await storeHealth({ path, secret: 'wrong' })).message).toContain('the secret is wrong')
  expect((await storeHealth({ path })).message).toContain('the secret is lost')
  const bytes = readFileSync(path)
  // The index of fingerprints, which no reading of keys looks at.
  const at = bytes.lastIndexOf(Buffer.from([0x0a, 0x00, 0x00, 0x00]))
  bytes.fill(0xff, at + 8, at + 40)
  writeFileSync(path, bytes)
  const health = await storeHealth({ path, secret: 'right' })
  expect(health).toMatchObject({ status: 'failing', message: expect.stringContaining('damaged') })
})

it('a store of an earlier version is read as it is', async () => {
  const folder = join(root, String(placeCount++))
  mkdirSync(folder)
  const path = await fileOfVersion3(join(folder, 'keys.db'))
  const before = stateOf(folder)
  expect((await storeHealth({ path })).contents).toEqual({ keys: 200, fingerprint: '' })
  expect(stateOf(folder)).toEqual(before)
})
