import { describe, expect, it } from 'vitest'
import { fakeToken } from '../key/testing/make-key.js'
import type { KeyPool } from '../pool.js'
import { memoryStore } from '../store/memory/memory-store.js'
import { poolUnderTest as setUp } from '../testing/pool-under-test.js'

const [a, b] = [fakeToken('aaa'), fakeToken('bbb')] as const

const onlyId = (pool: KeyPool): string => pool.keys.list()[0]?.id ?? ''

describe('an entered balance', () => {
  it('an entered balance replaces the amount, or adds to it with a plus sign', async () => {
    const { pool, runtime } = await setUp({ keys: [{ secret: a, account: 'acme', balance: '10' }, b] })
    const [first, second] = pool.keys.list().map(({ id }) => id) as [string, string]
    runtime.advance(5_000)
    expect((await pool.keys.update(first, { balance: '+2.50' })).balance).toMatchObject({
      amount: '12.50',
      source: 'estimated',
      at: new Date(runtime.now()).toISOString(),
    })
    expect((await pool.keys.update(first, { balance: '-1' })).balance.amount).toBe('-1.00')
    // The amount that it is added to is not known.
    expect((await pool.keys.update(second, { balance: '+5' })).balance).toMatchObject({
      amount: null,
      source: 'unknown',
    })
  })

  it.each(['', '1e3', '12,50', '++1', '5.'])('the text %j is no balance', async (balance) => {
    const { pool } = await setUp({ keys: [a] })
    const id = onlyId(pool)
    await expect(pool.keys.update(id, { balance })).rejects.toThrow(/^changes\.balance must be a decimal/)
    expect((await pool.keys.add([{ secret: b, balance }])).rejected).toHaveLength(1)
  })

  it('an added amount is refused for a new key', async () => {
    const { pool } = await setUp()
    const { rejected } = await pool.keys.add([{ secret: a, balance: '+5' }])
    expect(rejected).toMatchObject([{ reason: expect.stringContaining('must be a decimal string') }])
  })

  it('an entered balance is announced, and stored when the promise resolves', async () => {
    const base = memoryStore()
    const { pool } = await setUp({ keys: [{ secret: a, account: 'acme' }] }, base)
    const emitted: unknown[] = []
    pool.on('balance-updated', (event) => void emitted.push(event))
    const id = onlyId(pool)
    await pool.keys.update(id, { balance: '7' })
    expect(emitted).toMatchObject([{ account: 'acme', balance: { amount: '7.00', currency: 'CNY' } }])
    expect((await base.load()).balances).toMatchObject([
      { id: 'acme', baseline: { amount: 7n * 10n ** 12n } },
    ])
  })

  it('an entered balance reaches other processes within a second, also for an account that they found empty', async () => {
    const base = memoryStore()
    const mine = await setUp({ keys: [a] }, base)
    const other = await setUp({}, base)
    const id = onlyId(mine.pool)
    const lease = await mine.pool.acquire({ model: 'm' })
    lease.settle('insufficient-balance')
    expect(mine.pool.keys.get(id)).toMatchObject({ status: 'exhausted' })
    other.runtime.advance(1_000)
    await other.pool.keys.update(id, { balance: '20' })
    await mine.runtime.advanceAsync(1_000)
    expect(mine.pool.keys.get(id)).toMatchObject({ status: 'probing', balance: { amount: '20.00' } })
  })

  it('an entered balance that could not be stored is written by the next save, and its key is added', async () => {
    const { pool, store, runtime } = await setUp()
    const errors: Error[] = []
    pool.on('store-error', ({ error }) => void errors.push(error))
    store.broken.add('putBalances')
    const { added } = await pool.keys.add([{ secret: a, balance: '7' }])
    expect(added).toMatchObject([{ balance: { amount: '7.00' } }])
    await runtime.advanceAsync(1_000)
    expect((await store.load()).balances).toHaveLength(1)
    expect(errors).toEqual([])
  })
})
