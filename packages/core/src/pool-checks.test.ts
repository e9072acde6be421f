import { type AccountInput, startSimulator } from '@sfpool/simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CheckScheduleOptions } from './check/schedule/check-schedule.js'
import { fakeToken } from './key/testing/make-key.js'
import { KeyPool } from './pool.js'
import { checkOptions, type PoolOptions } from './pool-options.js'
import { fakeRuntime } from './testing/fake-runtime.js'

const account = (id: string): AccountInput => ({ id, keys: [fakeToken(id)], money: { charged: '10' } })

async function setUp(checks: CheckScheduleOptions | undefined, regime: 'classic' | 'current' = 'classic') {
  const accounts = [account('a'), account('b')]
  const simulator = await startSimulator({ scenario: { accounts, settings: { regime } } })
  const runtime = fakeRuntime()
  const options: PoolOptions = {
    keys: accounts.map(({ id }) => ({ secret: fakeToken(id), account: id })),
    baseURL: simulator.sites.cn.baseURL,
    runtime,
    ...(checks === undefined ? {} : { checks }),
  }
  const pool = new KeyPool(options)
  onTestFinished(async () => {
    await pool.close()
    await simulator.close()
  })
  await pool.ready
  return { pool, simulator, runtime, paths: () => simulator.requests.map(({ path }) => path) }
}

describe('a pool that looks at its own keys', () => {
  it('does so after a refusal for lack of money, where the upstream has a balance endpoint', async () => {
    const { pool, simulator, paths } = await setUp({ onLackOfFunds: true })
    simulator.accounts.update('a', { money: { charged: '0' } })
    for (let count = 0; count < 2; count++)
      (await pool.acquire({ model: 'deepseek-ai/DeepSeek-V3' })).settle('insufficient-balance')
    await expect.poll(() => paths().length).toBe(2)
    expect(paths()).toEqual(['/v1/user/info', '/v1/user/info'])
    const balance = () => pool.keys.list()[0]?.balance
    await expect.poll(balance).toMatchObject({ amount: '0.00', source: 'known' })
    const [a, b] = pool.keys.list()
    // The other account has money, they say, though it was just refused: that is no reason to try it at once.
    expect([a?.status, b?.status]).toEqual(['exhausted', 'exhausted'])
  })

  it('asks a retired endpoint once, and never a model', async () => {
    const { pool, paths } = await setUp({ afterCalls: 1, minIntervalMs: 0 }, 'current')
    for (let count = 0; count < 6; count++) {
      ;(await pool.acquire()).settle('success')
      await expect.poll(() => paths().length).toBeGreaterThan(0)
    }
    expect(new Set(paths())).toEqual(new Set(['/v1/user/info']))
    expect(paths().length).toBeLessThanOrEqual(2)
  })

  it('does so after so many calls', async () => {
    const { pool, paths } = await setUp({ afterCalls: 3 })
    for (let count = 0; count < 5; count++) (await pool.acquire()).settle('success')
    const balance = () => pool.keys.list()[0]?.balance
    await expect.poll(balance).toMatchObject({ amount: '10.00', source: 'known' })
    expect(paths()).toEqual(['/v1/user/info'])
  })

  it('does so every so often, and finds what became of keys', async () => {
    const { pool, simulator, runtime } = await setUp({ everyMs: 60_000, minIntervalMs: 1_000 })
    simulator.accounts.update('b', { status: 'disabled' })
    await runtime.advanceAsync(70_000)
    await expect.poll(() => pool.keys.list().map(({ status }) => status)).toEqual(['ready', 'invalid'])
    simulator.accounts.update('b', { status: 'ok' })
    await runtime.advanceAsync(70_000)
    await expect.poll(() => pool.keys.list().map(({ status }) => status)).toEqual(['ready', 'ready'])
  })

  it('leaves nothing behind when it is closed', async () => {
    const { pool, simulator, runtime, paths } = await setUp({ everyMs: 1_000, minIntervalMs: 0 })
    simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    await runtime.advanceAsync(1_500)
    await expect.poll(() => paths().length).toBeGreaterThan(0)
    await pool.close()
    const asked = paths().length
    await runtime.advanceAsync(60_000)
    expect(paths()).toHaveLength(asked)
  })
})

describe('the option checks', () => {
  it('is completed', () => {
    expect(checkOptions({ checks: { afterCalls: 10 } }).checks).toEqual({
      ...{ everyMs: 0, jitter: 0.1, afterCalls: 10, onLackOfFunds: false },
      ...{ minIntervalMs: 60_000, concurrency: 2 },
    })
  })

  it.each<[CheckScheduleOptions, string]>([
    [{ everyMs: -1 }, 'checks.everyMs must not be negative'],
    [{ jitter: 2 }, 'checks.jitter must be from 0 to 1'],
    [{ afterCalls: 1.5 }, 'checks.afterCalls must be a whole number'],
    [{ concurrency: 0 }, 'checks.concurrency must be at least 1'],
    [{ often: true } as CheckScheduleOptions, 'checks.often is not an option'],
  ])('%j is refused', (checks, message) => {
    expect(() => checkOptions({ checks })).toThrow(message)
  })

  it('goes with the provider deepseek by name, too', () => {
    expect(checkOptions({ provider: 'deepseek' }).provider).toMatchObject({ name: 'deepseek' })
  })
})
