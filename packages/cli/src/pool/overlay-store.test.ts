import { KeyPool, memoryStore } from '@sfpool/core'
import { expect, it } from 'vitest'
import { testKey } from '../testing/test-key.js'
import { overlayStore } from './overlay-store.js'

const [kept, temporary] = [testKey('kept'), testKey('temporary')]

/** Creates a pool with one key in its store and one temporary key. */
async function overlayPool() {
  const base = memoryStore()
  const store = overlayStore(base)
  store.keepInMemory([temporary])
  const pool = new KeyPool({ store, keys: [temporary] })
  await pool.ready
  await pool.keys.add([kept])
  return { base, store, pool, stored: async () => (await base.load()).keys.map(({ secret }) => secret) }
}

it('OverlayStore serves temporary keys beside stored keys and writes only the stored keys', async () => {
  const { pool, stored } = await overlayPool()
  await using _ = pool
  expect(pool.keys.list()).toHaveLength(2)
  expect(await stored()).toEqual([kept])
})

it('OverlayStore keeps temporary keys when the store is reloaded', async () => {
  const { pool } = await overlayPool()
  await using _ = pool
  expect(await pool.reload()).toBe(2)
})

it('OverlayStore disables and removes a temporary key without a trace in the base store', async () => {
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

it('OverlayStore hands a temporary key over when it was added to the base store meanwhile', async () => {
  const { base, pool, store } = await overlayPool()
  await using _ = pool
  const [key] = pool.keys.find([temporary])
  await using other = new KeyPool({ store: base })
  await other.keys.add([{ secret: temporary, label: 'mine now' }])
  expect(await pool.reload()).toBe(2)
  expect(store.isInMemory(key?.id ?? '')).toBe(false)
  expect(pool.keys.get(key?.id ?? '')?.label).toBe('mine now')
})

it('OverlayStore stores a key that is added again after it was removed', async () => {
  const { pool, stored } = await overlayPool()
  await using _ = pool
  await pool.keys.remove(pool.keys.find([temporary]).map(({ id }) => id))
  await pool.keys.add([temporary])
  expect(await stored()).toEqual([kept, temporary])
})
