import { KeyPool, memoryStore } from '@sfpool/core'
import { expect, it } from 'vitest'
import { testKey } from '../testing/test-key.js'
import { borrowingStore } from './borrowing-store.js'

const [kept, lent] = [testKey('kept'), testKey('lent')]

/** A pool with one key of its store and one that is lent. */
async function lendingPool() {
  const base = memoryStore()
  const store = borrowingStore(base)
  store.borrow([lent])
  const pool = new KeyPool({ store, keys: [lent] })
  await pool.keys.add([kept])
  return { base, store, pool, stored: async () => (await base.load()).keys.map(({ secret }) => secret) }
}

it('serves lent keys beside the others, and writes down only the others', async () => {
  const { pool, stored } = await lendingPool()
  await using _ = pool
  expect(pool.keys.list()).toHaveLength(2)
  expect(await stored()).toEqual([kept])
})

it('keeps lent keys when the store is read again', async () => {
  const { pool } = await lendingPool()
  await using _ = pool
  expect(await pool.reload()).toBe(2)
})

it('switches and removes a lent key without a trace in the store', async () => {
  const { pool, stored, store } = await lendingPool()
  await using _ = pool
  const [key] = pool.keys.find([lent])
  const ids = [key?.id ?? '']
  expect(await pool.keys.disable(ids)).toMatchObject([{ enabled: false }])
  expect(await pool.reload()).toBe(2)
  expect(pool.keys.list({ enabled: false })).toHaveLength(1)
  expect(await pool.keys.remove(ids)).toBe(1)
  expect(store.isBorrowed(ids[0] ?? '')).toBe(false)
  expect(await pool.reload()).toBe(1)
  expect(await stored()).toEqual([kept])
})

it('hands a key over when it was added to the store meanwhile', async () => {
  const { base, pool, store } = await lendingPool()
  await using _ = pool
  const [key] = pool.keys.find([lent])
  await using other = new KeyPool({ store: base })
  await other.keys.add([{ secret: lent, label: 'mine now' }])
  expect(await pool.reload()).toBe(2)
  expect(store.isBorrowed(key?.id ?? '')).toBe(false)
  expect(pool.keys.get(key?.id ?? '')?.label).toBe('mine now')
})

it('writes down a key that is added after it was taken back', async () => {
  const { pool, stored } = await lendingPool()
  await using _ = pool
  await pool.keys.remove(pool.keys.find([lent]).map(({ id }) => id))
  await pool.keys.add([lent])
  expect(await stored()).toEqual([kept, lent])
})
