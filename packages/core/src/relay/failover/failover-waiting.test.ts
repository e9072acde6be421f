import { describe, expect, it } from 'vitest'
import { fakeRuntime, promisesSettled } from '../../testing/fake-runtime.js'
import { hurry } from '../../testing/hurry.js'
import { model, type SimulatedPoolOptions, simulatedPool } from '../../testing/simulated-pool.js'

const second = 1_000

/** A pool on a clock of its own, and a fault that limits every key for so many seconds. */
async function limited(seconds: number, options: SimulatedPoolOptions = {}) {
  const runtime = fakeRuntime()
  const upstream = await simulatedPool({ keys: 2, runtime, ...options })
  await upstream.pool.ready
  const { faults } = upstream.simulator
  faults.add({ fault: { kind: 'error', name: 'rate-limit-rpm' } })
  faults.add({ fault: { kind: 'headers', headers: { 'retry-after': String(seconds) } } })
  /** Waits for something real without moving the clock. */
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await promisesSettled()
  }
  return Object.defineProperties(
    { runtime, until },
    Object.getOwnPropertyDescriptors(upstream),
  ) as typeof upstream & {
    runtime: typeof runtime
    until: typeof until
  }
}

describe('a request whose keys are all limited', () => {
  it('for three seconds succeeds after three seconds, without its client noticing', async () => {
    const { calls, chat, pool, runtime, simulator, until } = await limited(3)
    const startedAt = runtime.now()
    const answer = chat()
    await until(() => pool.keys.list().every(({ cooldowns }) => cooldowns.length > 0))
    simulator.faults.clear()
    const response = await hurry(answer, runtime)
    expect(response.status).toBe(200)
    expect(response.headers.get('retry-after')).toBeNull()
    expect(response.headers.get('x-sfpool-attempts')).toBe('3')
    expect(calls.map(({ status }) => status)).toEqual([429, 429, 200])
    expect(runtime.now() - startedAt).toBeGreaterThanOrEqual(3 * second)
    expect(runtime.now() - startedAt).toBeLessThan(5 * second)
  })

  it('for a minute fails at once, and says so', async () => {
    const { calls, chat, runtime } = await limited(60)
    const startedAt = runtime.now()
    const response = await chat()
    expect(response.status).toBe(429)
    expect(await response.json()).toMatchObject({ error: { code: 'all_keys_cooling' } })
    expect(response.headers.get('retry-after')).toBe('60')
    expect(runtime.now()).toBe(startedAt)
    expect(calls).toHaveLength(2)
    // The next one does not even ask.
    expect((await chat()).headers.get('x-sfpool-attempts')).toBe('0')
    expect(calls).toHaveLength(2)
  })

  it.each<[string, SimulatedPoolOptions['pool']]>([
    ['queue.maxWaitMs', { queue: { maxWaitMs: 2 * second } }],
    ['timeouts.total', { timeouts: { total: 2 * second } }],
    ['a queue of no length', { queue: { limit: 0 } }],
  ])('for longer than %s allows fails at once', async (_what, pool) => {
    const { chat, runtime } = await limited(3, pool === undefined ? {} : { pool })
    const startedAt = runtime.now()
    const response = await chat()
    expect(response.status).toBe(429)
    expect(['3', '4']).toContain(response.headers.get('retry-after'))
    expect(runtime.now()).toBe(startedAt)
  })

  it('waits again when it was limited again, but not beyond its time', async () => {
    const { calls, chat, runtime } = await limited(6)
    const startedAt = runtime.now()
    const response = await hurry(chat(), runtime, () =>
      calls.every(({ finishedAt }) => finishedAt !== undefined),
    )
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(6)
    expect(runtime.now() - startedAt).toBeLessThanOrEqual(15 * second)
    expect(calls.length).toBeGreaterThanOrEqual(4)
  })

  it('waits with its model only: others are served meanwhile', async () => {
    const { calls, chat, pool, runtime, simulator, until } = await limited(3)
    const answer = chat()
    await until(() => pool.keys.list().every(({ cooldowns }) => cooldowns.length > 0))
    simulator.faults.clear()
    const startedAt = runtime.now()
    expect((await chat({ model: 'Qwen/Qwen3-8B' })).status).toBe(200)
    expect(runtime.now()).toBe(startedAt)
    expect((await hurry(answer, runtime)).status).toBe(200)
    expect(calls.filter((call) => call.model === model)).toHaveLength(3)
  })
})

describe('a request that waits for a busy key', () => {
  const oneAtATime = { limits: { concurrency: { key: 1 } } }

  it('is served in the order in which it came, and is one attempt like any other', async () => {
    const upstream = await simulatedPool({ keys: 1, pool: oneAtATime })
    const answers = ['one', 'two', 'three', 'four'].map((user) => upstream.chat({ user }))
    const responses = await Promise.all(answers)
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(responses.map(({ headers }) => headers.get('x-sfpool-attempts'))).toEqual(['1', '1', '1', '1'])
    await Promise.all(responses.map((response) => response.text()))
    const users = upstream.calls.map(({ body }) => JSON.parse(String(body)).user as string)
    expect(users).toEqual(['one', 'two', 'three', 'four'])
    for (const [index, call] of upstream.calls.entries()) {
      const next = upstream.calls[index + 1]
      if (next !== undefined) expect(next.receivedAt).toBeGreaterThanOrEqual(call.finishedAt ?? 0)
    }
  })

  it('leaves no trace when its client leaves', async () => {
    const runtime = fakeRuntime()
    const upstream = await simulatedPool({ keys: 1, runtime, pool: oneAtATime })
    const rule = upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' }, times: 1 })
    const first = new AbortController()
    const hanging = upstream
      .chat({ user: 'first' }, { signal: first.signal })
      .catch((error: Error) => error.name)
    while (upstream.calls.length === 0) await promisesSettled()
    const second = new AbortController()
    const waiting = upstream
      .chat({ user: 'second' }, { signal: second.signal })
      .catch((error: Error) => error.name)
    const third = upstream.chat({ user: 'third' })
    await promisesSettled()
    second.abort()
    expect(await waiting).toBe('AbortError')
    first.abort()
    expect(await hanging).toBe('AbortError')
    expect((await third).status).toBe(200)
    expect(upstream.calls.map(({ body }) => JSON.parse(String(body)).user as string)).toEqual([
      'first',
      'third',
    ])
    expect(upstream.health).toEqual(['ready'])
    upstream.simulator.faults.remove(rule)
  })

  it('is answered when the pool is closed', async () => {
    const runtime = fakeRuntime()
    const upstream = await simulatedPool({ keys: 1, runtime, pool: oneAtATime })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const hanging = upstream.chat().catch((error: Error) => error)
    while (upstream.calls.length === 0) await promisesSettled()
    const waiting = upstream.chat()
    await promisesSettled()
    await upstream.pool.close()
    const response = await waiting
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ error: { code: 'pool_closed' } })
    await hanging
  })

  it('does not wait behind one that is bound to an account which is busy', async () => {
    const upstream = await simulatedPool({ keys: 2, pool: oneAtATime })
    const { ask, calls, pool } = upstream
    const video = { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'rain', image_size: '1280x720' }
    const submitted = await ask('/video/submit', video)
    const { requestId } = (await submitted.json()) as { requestId: string }
    const busy = await pool.acquire()
    // Only the account that made the video knows of it.
    const status = ask('/video/status', { requestId })
    await promisesSettled()
    expect(calls).toHaveLength(1)
    const other = await pool.acquire()
    expect(other.key.id).not.toBe(busy.key.id)
    expect(calls).toHaveLength(1)
    busy.settle('success')
    expect((await status).status).toBe(200)
    expect(upstream.usedKeys).toEqual([0, 0])
  })

  it('is refused with queue_full when the queue is full', async () => {
    const runtime = fakeRuntime()
    const upstream = await simulatedPool({ keys: 1, runtime, pool: { ...oneAtATime, queue: { limit: 2 } } })
    upstream.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' }, times: 1 })
    const first = new AbortController()
    const hanging = upstream.chat({}, { signal: first.signal }).catch((error: Error) => error.name)
    while (upstream.calls.length === 0) await promisesSettled()
    const waiting = [upstream.chat(), upstream.chat()]
    const refused = await upstream.chat()
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({
      error: { code: 'queue_full', message: expect.stringContaining('queue.limit') },
    })
    first.abort()
    await hanging
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200])
  })
})
