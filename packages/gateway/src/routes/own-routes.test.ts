import { KeyPool, KeyPoolError, memoryStore } from '@sfpool/core'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createGateway } from '../gateway.js'
import { chat, stage } from '../testing/stage.js'

const client = { authorization: 'Bearer client-key-one' }
const admin = { authorization: 'Bearer the-admin-key' }
const guarded = { clientKeys: ['client-key-one'], adminKey: 'the-admin-key' }

describe('public routes', () => {
  it('public routes say to every caller what this is', async () => {
    const { ask } = await stage({ ...guarded, name: 'ours', version: '9.9.9' })
    for (const path of ['/', '/info', '/info/', '/info?x=1']) {
      const answer = await ask(path)
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({
        name: 'ours',
        version: '9.9.9',
        api: '/v1',
        authentication: 'required',
      })
    }
    expect(await (await ask('/healthz')).json()).toEqual({ status: 'alive' })
  })

  it('/info shows the version of the package when the option version is not set', async () => {
    const { ask } = await stage()
    const about = (await (await ask('/info')).json()) as { name: string; version: string }
    expect(about.name).toBe('sfpool')
    expect(about.version).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('/readyz is 200 while a key could serve, 503 with the reason otherwise', async () => {
    const { ask, pool } = await stage(guarded)
    expect((await ask('/readyz')).status).toBe(200)
    const ids = pool.keys.list().map(({ id }) => id)
    await pool.keys.disable(ids)
    const disabled = await ask('/readyz')
    expect(disabled.status).toBe(503)
    expect(await disabled.json()).toEqual({ status: 'no key can serve' })
    await pool.keys.remove(ids)
    expect(await (await ask('/readyz')).json()).toEqual({ status: 'no keys' })
  })

  it('/readyz stays 200 while the store fails, with the reason and without its path', async () => {
    const timers = new Set<() => void>()
    const store = memoryStore()
    const fault = { message: '' }
    const pool = new KeyPool({
      keys: [`sk-fake${'0'.repeat(20)}`],
      saveDelayMs: 1,
      runtime: {
        setTimer: (run) => {
          timers.add(run)
          return run
        },
        clearTimer: (timer) => void timers.delete(timer as () => void),
      },
      store: {
        ...store,
        saveStates: async (keys, accounts) => {
          if (fault.message !== '') throw new KeyPoolError('store_failed', fault.message)
          return store.saveStates(keys, accounts)
        },
      },
    })
    onTestFinished(() => pool.close())
    await pool.ready
    const gateway = createGateway(pool)
    const readiness = async () => {
      for (const run of Array.from(timers)) {
        timers.delete(run)
        run()
      }
      await new Promise((resolve) => setImmediate(resolve))
      const answer = await gateway.fetch(new Request('http://gateway.example/readyz'))
      return [answer.status, await answer.json()]
    }
    expect(await readiness()).toEqual([200, { status: 'ready' }])
    fault.message = 'could not write to the key store /home/a user/pool.db: the disk is full (SQLITE_FULL)'
    const lease = await pool.acquire()
    lease.settle({ status: 200, headers: {}, body: {} })
    const failing = 'failing: the disk is full (SQLITE_FULL)'
    expect(await readiness()).toEqual([200, { status: 'ready', store: failing }])
    fault.message = 'password=hunter2'
    expect(await readiness()).toEqual([200, { status: 'ready', store: 'failing: the log says why' }])
    fault.message = ''
    expect(await readiness()).toEqual([200, { status: 'ready' }])
  })

  it('/readyz does not wait for a slow store, nor for a broken one', async () => {
    let finishLoading: (() => void) | undefined
    const loading = new Promise<void>((resolve) => {
      finishLoading = resolve
    })
    const store = memoryStore()
    const slow = new KeyPool({ store: { ...store, load: () => loading.then(() => store.load()) } })
    onTestFinished(() => slow.close())
    const starting = await createGateway(slow).fetch(new Request('http://gateway.example/readyz'))
    expect([starting.status, await starting.json()]).toEqual([503, { status: 'starting' }])
    finishLoading?.()

    const broken = new KeyPool({ store: { ...memoryStore(), load: () => Promise.reject(new Error('disk')) } })
    onTestFinished(() => broken.close())
    const gateway = createGateway(broken)
    await vi.waitFor(
      async () => {
        const failed = await gateway.fetch(new Request('http://gateway.example/readyz'))
        expect([failed.status, await failed.json()]).toEqual([503, { status: 'store failed' }])
      },
      { timeout: 60_000 },
    )
    expect((await gateway.fetch(new Request('http://gateway.example/healthz'))).status).toBe(200)
  })
})

describe('/balance?refresh=true', () => {
  it('each client key gets one refresh in 30 seconds, and the figures at hand in between', async () => {
    let now = 1_000_000
    const { ask, pool } = await stage({
      clientKeys: ['client-key-one', 'client-key-two'],
      runtime: { now: () => now },
    })
    const asked = vi.spyOn(pool, 'balance')
    const refresh = async (key: string): Promise<number> => {
      asked.mockClear()
      const answer = await ask('/balance?refresh=true', { headers: { 'x-api-key': key } })
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({ success: true, keyBalances: [{ index: 1 }, { index: 2 }] })
      return asked.mock.calls.filter(([options]) => options?.refresh === true).length
    }
    expect(await refresh('client-key-one')).toBeGreaterThan(0)
    expect(await refresh('client-key-one')).toBe(0)
    expect(await refresh('client-key-two')).toBeGreaterThan(0)
    now += 29_999
    expect(await refresh('client-key-one')).toBe(0)
    now += 1
    expect(await refresh('client-key-one')).toBeGreaterThan(0)
    now -= 3_600_000
    expect(await refresh('client-key-one')).toBeGreaterThan(0)
  })
})

describe('client routes', () => {
  it.each(['/stats', '/health', '/balance'])('%s needs a client key, or the admin key', async (path) => {
    const { ask } = await stage(guarded)
    expect((await ask(path)).status).toBe(401)
    expect((await ask(path, { headers: client })).status).toBe(200)
    expect((await ask(path, { headers: admin })).status).toBe(200)
  })

  it('/stats counts per key and in total', async () => {
    const { ask } = await stage()
    await (await ask('/v1/chat/completions', chat())).arrayBuffer()
    expect(await (await ask('/stats')).json()).toMatchObject({
      totalKeys: 2,
      activeKeys: 2,
      keyStats: [
        {
          index: 1,
          key: expect.stringContaining('…'),
          requestCount: 1,
          successCount: 1,
          lastUsed: expect.stringMatching(/^\d{4}-.*Z$/),
          isActive: true,
          balance: null,
          lastBalanceCheck: null,
        },
        { index: 2, requestCount: 0, lastUsed: null, isActive: true },
      ],
      keys: { total: 2, ready: 2 },
      requests: 1,
      successes: 1,
      attempts: 1,
      tokens: { total: expect.any(Number) },
    })
  })

  it('/health says whether the pool can serve', async () => {
    const { ask, pool } = await stage()
    expect(await (await ask('/health')).json()).toMatchObject({
      status: 'healthy',
      timestamp: expect.any(String),
      stats: { totalKeys: 2 },
    })
    await pool.keys.disable(pool.keys.list().map(({ id }) => id))
    expect(await (await ask('/health')).json()).toMatchObject({
      status: 'unhealthy',
      stats: { activeKeys: 0 },
    })
  })

  it('/balance sums the known balances, and asks the upstream only with refresh=true', async () => {
    const { ask, sim } = await stage()
    sim.settings.update({ regime: 'classic' })
    const before = (await (await ask('/balance')).json()) as Record<string, unknown>
    expect(before).toMatchObject({ success: true, totalBalance: null })
    expect(sim.requests).toHaveLength(0)
    const after = (await (await ask('/balance?refresh=true')).json()) as Record<string, unknown>
    expect(Number(after.totalBalance)).toBe(2000)
    expect(after).toMatchObject({
      timestamp: expect.stringMatching(/Z$/),
      keyBalances: [
        { index: 1, balance: expect.any(String), lastChecked: expect.stringMatching(/Z$/), isActive: true },
        { index: 2 },
      ],
    })
  })

  it('/balance asks the upstream once per account for clients that refresh at the same time', async () => {
    const { ask, sim } = await stage()
    sim.settings.update({ regime: 'classic' })
    await Promise.all(Array.from({ length: 10 }, () => ask('/balance?refresh=true')))
    expect(sim.requests.filter(({ path }) => path === '/v1/user/info')).toHaveLength(2)
  })
})

describe('admin routes', () => {
  it.each([
    ['GET', '/admin/api/keys'],
    ['POST', '/reload-keys'],
  ])('%s %s needs the admin key', async (method, path) => {
    const { ask } = await stage(guarded)
    expect((await ask(path, { method })).status).toBe(401)
    expect((await ask(path, { method, headers: client })).status).toBe(403)
    expect((await ask(path, { method, headers: admin })).status).toBe(200)
  })

  it.each([{}, { clientKeys: ['client-key-one'] }])(
    'admin routes are closed while no admin key is set: %o',
    async (options) => {
      const { ask } = await stage(options)
      const answer = await ask('/admin/api/keys', { headers: { authorization: 'Bearer ' } })
      expect(answer.status).toBe(403)
      expect(await answer.text()).toContain('--admin-key')
    },
  )

  it('/admin/api/keys lists keys without their secrets', async () => {
    const { ask, keys } = await stage(guarded)
    const text = await (await ask('/admin/api/keys', { headers: admin })).text()
    expect(JSON.parse(text)).toMatchObject({
      total: 2,
      items: [{ key: expect.stringContaining('…'), status: 'ready', enabled: true, cooldowns: [] }, {}],
    })
    for (const key of keys) expect(text).not.toContain(key)
  })

  it('/reload-keys reads the keys again and returns their number', async () => {
    const { ask } = await stage(guarded)
    const answer = await ask('/reload-keys', { method: 'POST', headers: admin })
    expect(await answer.json()).toEqual({
      timestamp: expect.stringMatching(/Z$/),
      success: true,
      message: '2 keys loaded',
      keyCount: 2,
    })
  })

  it('/reload-keys calls the option reloadKeys, and answers 500 without its error when that fails', async () => {
    let isBroken = false
    const reloadKeys = () => {
      if (isBroken) throw new Error('canary of a secret')
      return 1
    }
    const { ask } = await stage({ ...guarded, reloadKeys })
    const reload = () => ask('/reload-keys', { method: 'POST', headers: admin })
    expect(await (await reload()).json()).toMatchObject({
      success: true,
      message: '1 key loaded',
      keyCount: 1,
    })
    isBroken = true
    const failed = await reload()
    expect(failed.status).toBe(500)
    const text = await failed.text()
    expect(JSON.parse(text)).toMatchObject({ success: false, keyCount: 2 })
    expect(text).not.toContain('canary')
  })

  it('unknown admin routes are 404 and never reach the upstream', async () => {
    const { ask, sim } = await stage(guarded)
    for (const path of ['/admin', '/admin/', '/admin/api/nothing']) {
      expect((await ask(path, { headers: admin })).status).toBe(404)
    }
    expect(sim.requests).toHaveLength(0)
  })
})

describe('own routes', () => {
  it.each([
    ['DELETE', '/stats', 'GET, HEAD'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['GET', '/reload-keys', 'POST'],
    ['PUT', '/', 'GET, HEAD'],
  ])('%s %s is 405 and names the allowed methods', async (method, path, allow) => {
    const { ask, sim } = await stage()
    const answer = await ask(path, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe(allow)
    expect(await answer.json()).toMatchObject({ error: { code: 'method_not_allowed' } })
    expect(sim.requests).toHaveLength(0)
  })

  it('own routes answer HEAD like GET without a body, are never cached, and carry the request id', async () => {
    const { ask } = await stage()
    const answer = await ask('/info', { method: 'HEAD', headers: { 'x-request-id': 'mine-1' } })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-request-id')).toBe('mine-1')
    expect((await ask('/reload-keys', { method: 'HEAD' })).status).toBe(405)
  })
})
