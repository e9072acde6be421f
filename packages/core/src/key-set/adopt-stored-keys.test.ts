import { describe, expect, it } from 'vitest'
import { fakeToken } from '../key/testing/make-key.js'
import { memoryStore } from '../store/memory/memory-store.js'
import { promisesSettled } from '../testing/fake-runtime.js'
import { poolUnderTest as setUp } from '../testing/pool-under-test.js'

const [a, b, c] = [fakeToken('aaa'), fakeToken('bbb'), fakeToken('ccc')] as const

describe('keys that another process changed', () => {
  /** Two pools over one store, as two processes. */
  async function twoProcesses() {
    const base = memoryStore()
    const other = await setUp(
      {
        keys: [
          { secret: a, label: 'one' },
          { secret: b, account: 'acme' },
        ],
      },
      base,
    )
    const mine = await setUp({}, base)
    const adopt = () => mine.runtime.advanceAsync(1_000)
    return { other, mine, adopt, ids: mine.pool.keys.list().map(({ id }) => id) as [string, string] }
  }

  it('keys that another process added, removed or changed are adopted within a second', async () => {
    const { other, mine, adopt, ids } = await twoProcesses()
    await other.pool.keys.add([{ secret: c, label: 'third' }])
    await other.pool.keys.update(ids[0], { label: null, weight: 2, account: 'acme' })
    await other.pool.keys.remove([ids[1]])
    await adopt()
    expect(mine.pool.keys.list()).toMatchObject([
      { id: ids[0], label: null, weight: 2, account: 'acme' },
      { label: 'third' },
    ])
    expect(mine.totals).toEqual([2])
  })

  it('keys that another process changed keep their figures, leases and cooldowns in this process', async () => {
    const { other, mine, adopt, ids } = await twoProcesses()
    const lease = await mine.pool.acquire()
    const limited = await mine.pool.acquire({ model: 'm' })
    limited.settle('rate-limited')
    await other.pool.keys.disable([ids[0]])
    await adopt()
    expect(mine.pool.keys.get(ids[0])).toMatchObject({ enabled: false, inFlight: 1, requests: 1 })
    expect(mine.pool.keys.get(ids[1])).toMatchObject({ cooldowns: [{ model: 'm' }] })
    lease.settle('success')
    expect(mine.pool.keys.get(ids[0])).toMatchObject({ inFlight: 0, successes: 1 })
  })

  it('keys that this process changed are not announced again', async () => {
    const { mine, adopt } = await twoProcesses()
    await mine.pool.keys.add([c])
    expect(mine.totals).toEqual([3])
    await adopt()
    expect(mine.totals).toEqual([3])
  })

  it('adopting another process’s changes keeps a key that is just being added', async () => {
    const { other, mine, adopt } = await twoProcesses()
    await other.pool.keys.add([c])
    // The other's change is being read, without our key in it, when ours is added.
    const release = mine.store.hold('load')
    await adopt()
    const adding = mine.pool.keys.add([fakeToken('ddd')])
    await promisesSettled()
    release()
    await adding
    expect(mine.pool.keys.list()).toHaveLength(4)
  })

  it('reload adopts another process’s changes at once', async () => {
    const { other, mine } = await twoProcesses()
    await other.pool.keys.add([c])
    expect(await mine.pool.reload()).toBe(3)
    expect(mine.totals).toEqual([3])
  })
})

describe('a restart', () => {
  it('a restarted pool finds its keys, their order and their state', async () => {
    const base = memoryStore()
    const before = await setUp(
      { keys: [{ secret: a, label: 'one', account: 'acme' }, { secret: b, weight: 2 }, c] },
      base,
    )
    ;(await before.pool.acquire({ model: 'm' })).settle('rate-limited')
    ;(await before.pool.acquire()).settle('insufficient-balance')
    ;(await before.pool.acquire()).settle('unauthorized')
    const known = before.pool.keys.list()
    expect(known.map(({ status }) => status)).toEqual(['ready', 'exhausted', 'invalid'])
    await before.pool.close()
    const after = await setUp({ keys: [a, b] }, base)
    expect(after.pool.keys.list()).toEqual(known)
    const refused = after.pool.acquire({ model: 'm', maxWaitMs: 0 })
    await expect(refused).rejects.toMatchObject({ code: 'all_keys_cooling' })
    await after.runtime.advanceAsync(30 * 60_000)
    const leases = [await after.pool.acquire({ model: 'm' }), await after.pool.acquire({ model: 'm' })]
    expect(leases.map(({ key }) => key.status).toSorted()).toEqual(['probing', 'ready'])
  })
})

it('many stored keys are taken in parts, between which the event loop turns', async () => {
  const base = memoryStore()
  const filled = await setUp({ keys: Array.from({ length: 2_500 }, (_, at) => fakeToken(`many${at}`)) }, base)
  await filled.pool.close()
  let turns = 0
  let isReady = false
  const count = (): void => {
    turns++
    if (!isReady) setImmediate(count)
  }
  setImmediate(count)
  const { pool } = await setUp({}, base)
  isReady = true
  expect(pool.keys.list()).toHaveLength(2_500)
  // Five parts are made, and five begin to serve.
  expect(turns).toBeGreaterThanOrEqual(10)
})
