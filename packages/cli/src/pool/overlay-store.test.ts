import { KeyPool, memoryStore } from '@sfpool/core'
import { expect, it } from 'vitest'
import { testKey } from '../testing/test-key.js'
import { overlayStore } from './overlay-store.js'

const [kept, temporary] = [testKey('kept'), testKey('lent')]

/** A pool with one key of its store and one that is temporary. */
async function overlayPool() {
  const base = memoryStore()
  const store = overlayStore(base)
  store.keepInMemory([temporary])
  const pool = new KeyPool({ store, keys: [temporary] })
  await pool.keys.add([kept])
  return { base, store, pool, stored: async () => (await base.load()).keys.map(({ secret }) => secret) }
}

it('serves temporary keys beside the others, and writes down only the others', async () => {
  const { pool, stored } = await overlayPool()
  await using _ = pool
  expect(pool.keys.list()).toHaveLength(2)
  expect(await stored()).toEqual([kept])
})

it('keeps temporary keys when the store is read again', async () => {
  const { pool } = await overlayPool()
  await using _ = pool
  expect(await pool.reload()).toBe(2)
})

it('switches and removes a temporary key without a trace in the store', async () => {
  const { pool, stored, store } = await overlayPool()
  await using _ = pool
  const [key] = pool.keys.find([temporary])
  const ids = [key?.id ?? '']
  expect(await pool.keys.disable(ids)).toMatchObject([{ enabled: false }])
  expect(await pool.reload()).toBe(2)
  expect(pool.keys.list({ enabled: false })).toHaveLength(1)
  expect(await pool.keys.remove(ids)).toBe(1)
  expect(store.isInMemory(ids[0] ?? '')).toBe(false)
  expect(await pool.reload()).toBe(1)
  expect(await stored()).toEqual([kept])
})

it('hands a key over when it was added to the store meanwhile', async () => {
  const { base, pool, store } = await overlayPool()
  await using _ = pool
  const [key] = pool.keys.find([temporary])
  await using other = new KeyPool({ store: base })
  await other.keys.add([{ secret: temporary, label: 'mine now' }])
  expect(await pool.reload()).toBe(2)
  expect(store.isInMemory(key?.id ?? '')).toBe(false)
  expect(pool.keys.get(key?.id ?? '')?.label).toBe('mine now')
})

it('writes down a key that is added after it was taken back', async () => {
  const { pool, stored } = await overlayPool()
  await using _ = pool
  await pool.keys.remove(pool.keys.find([temporary]).map(({ id }) => id))
  await pool.keys.add([temporary])
  expect(await stored()).toEqual([kept, temporary])
})
