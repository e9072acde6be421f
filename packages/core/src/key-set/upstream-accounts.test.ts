import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import { KeyPool } from '../pool.js'
import { memoryStore } from '../store/memory/memory-store.js'

/** A pool of four keys without account names, which belong to two accounts at the upstream. */
async function unnamedAccounts() {
  const scenario = makeScenario({ accounts: 2, keysPerAccount: 2, settings: { regime: 'classic' } })
  const simulator = await startSimulator({ scenario })
  const store = memoryStore()
  const pools: KeyPool[] = []
  const open = async (): Promise<KeyPool> => {
    const pool = new KeyPool({ baseURL: simulator.sites.cn.baseURL, store, keys: keysOf(scenario, 'cn') })
    pools.push(pool)
    await pool.ready
    return pool
  }
  onTestFinished(async () => {
    await Promise.all(pools.map((pool) => pool.close()))
    await simulator.close()
  })
  return { pool: await open(), open }
}

const accountsOf = (pool: KeyPool): string[] => pool.keys.list().map(({ account }) => account)

describe('keys without an account name', () => {
  it('keys without an account name have an account each, until the upstream reports that they share one', async () => {
    const { pool } = await unnamedAccounts()
    expect(new Set(accountsOf(pool)).size).toBe(4)
    await pool.balance({ refresh: true })
    const [a, b, c, d] = accountsOf(pool)
    expect([a === b, c === d, a === c]).toEqual([true, true, false])
  })

  it('keys that share an account at the upstream cool down together', async () => {
    const { pool } = await unnamedAccounts()
    await pool.balance({ refresh: true })
    const lease = await pool.acquire({ model: 'm' })
    lease.settle({ kind: 'rate-limited', fault: 'limit', retryAfterMs: 60_000 })
    const cooling = pool.keys.list().filter(({ cooldowns }) => cooldowns.length > 0)
    expect(cooling.map(({ account }) => account)).toEqual([lease.key.account, lease.key.account])
  })

  it('keys that share an account at the upstream still share it after a restart', async () => {
    const { pool, open } = await unnamedAccounts()
    await pool.balance({ refresh: true })
    const lease = await pool.acquire({ model: 'm' })
    lease.settle({ kind: 'rate-limited', fault: 'limit', retryAfterMs: 60_000 })
    const before = pool.keys.list().map(({ cooldowns }) => cooldowns.length)
    await pool.close()
    const again = await open()
    const [a, b, c, d] = accountsOf(again)
    expect([a === b, c === d, a === c]).toEqual([true, true, false])
    expect(again.keys.list().map(({ cooldowns }) => cooldowns.length)).toEqual(before)
  })

  it('a key stays in the account that the operator named, whatever the upstream reports', async () => {
    const { pool } = await unnamedAccounts()
    const [first] = pool.keys.list()
    await pool.keys.update(first?.id ?? '', { account: 'acme' })
    await pool.balance({ refresh: true })
    expect(accountsOf(pool).filter((account) => account === 'acme')).toHaveLength(1)
  })
})
