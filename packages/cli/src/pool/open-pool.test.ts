import { fingerprint } from '@sfpool/core'
import { sqliteStore } from '@sfpool/core/sqlite'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { expect, it, onTestFinished } from 'vitest'
import { createHome } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'
import { openPool, openPoolToRead } from './open-pool.js'

it('openPoolToRead does not ask the upstream about keys whose cooldown has ended', async () => {
  using home = createHome()
  const scenario = makeScenario({ accounts: 1 })
  const [secret = ''] = keysOf(scenario)
  const upstream = await startSimulator({ scenario })
  onTestFinished(() => upstream.close())
  const path = home.path('pool.db')
  const settings = { store: { kind: 'file', path }, baseUrl: upstream.sites.cn.baseURL } as const
  const context = { settings, origins: {} }
  const id = fingerprint(secret)
  const store = await sqliteStore({ path })
  const key = {
    id,
    secret,
    upstream: 'default',
    account: null,
    label: null,
    site: 'cn',
    weight: 1,
    enabled: true,
    addedAt: 0,
  }
  await store.putKeys([key])
  const figures = { requests: 0, successes: 0, failures: 0, promptTokens: 0, completionTokens: 0 }
  const health = {
    status: 'cooling',
    trouble: 'failing',
    until: 1,
    reason: 'unexplained',
    strikes: 1,
  } as const
  await store.saveStates([{ id, health, ...figures, lastUsedAt: null, upstreamAccount: null }], [])
  await store.close()
  await using reading = await openPoolToRead(context)
  expect(reading.keys.get(id)?.status).toBe('cooling')
  // A pool that serves asks at once, so the pool opened before it would have asked by then.
  await using serving = await openPool(context)
  await expect.poll(() => serving.keys.get(id)?.status).toBe('probing')
  expect(upstream.requests).toHaveLength(1)
  expect(reading.keys.get(id)?.status).toBe('cooling')
})

it('openPoolToRead leaves the store unchanged whatever is done with the pool', async () => {
  using home = createHome()
  const settings = { store: { kind: 'file', path: home.path('pool.db') } } as const
  const context = { settings, origins: {} }
  const secret = testKey('stored')
  const ids = [fingerprint(secret)]
  {
    await using pool = await openPool(context)
    await pool.keys.add([secret])
  }
  {
    await using reading = await openPoolToRead(context)
    await reading.keys.add([testKey('more')])
    await reading.keys.disable(ids)
    ;(await reading.acquire()).settle({ kind: 'success' })
  }
  await using pool = await openPool(context)
  expect(pool.keys.list()).toMatchObject([{ id: ids[0], enabled: true, requests: 0 }])
})
