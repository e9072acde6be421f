import { describe, expect, it } from 'vitest'
import { PoolEmitter } from '../events.js'
import { fakeRuntime } from '../testing/fake-runtime.js'
import { StoreFaults } from './store-faults.js'

function setUp() {
  const runtime = fakeRuntime()
  const events = new PoolEmitter()
  const said: string[] = []
  events.on('store-error', ({ error }) => void said.push(error.message))
  events.on('store-recovered', ({ failedMs }) => void said.push(`recovered after ${failedMs}`))
  const faults = new StoreFaults(runtime, events)
  const work = { isBroken: true, tries: 0 }
  faults.onRetry(async () => {
    work.tries++
    if (work.isBroken) faults.report(new Error('the disk is full'))
  })
  return { runtime, faults, said, work }
}

describe('a store that fails', () => {
  it('a fault that lasts is said once a minute, however often it is met', async () => {
    const { runtime, faults, said } = setUp()
    for (let second = 0; second < 150; second++) {
      faults.report(new Error('the disk is full'))
      await runtime.advanceAsync(1_000)
    }
    expect(said).toEqual(['the disk is full', 'the disk is full', 'the disk is full'])
  })

  it('another fault is said as well, but not any number of them', () => {
    const { faults, said } = setUp()
    for (let n = 0; n < 1_000; n++) faults.report(new Error(`row ${n} is damaged`))
    expect(said).toHaveLength(16)
  })

  it('work is tried again after one second, then less often, and at least every five seconds', async () => {
    const { runtime, faults, work } = setUp()
    faults.report(new Error('the disk is full'))
    const tries: number[] = []
    for (let second = 0; second < 20; second++) {
      await runtime.advanceAsync(1_000)
      tries.push(work.tries)
    }
    expect(tries).toEqual([1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5, 5, 5])
  })

  it('a store that works again is said to, with how long it failed, and nothing goes on', async () => {
    const { runtime, faults, said, work } = setUp()
    const since = runtime.now()
    faults.report(new Error('the disk is full'))
    await runtime.advanceAsync(1_000)
    expect(faults.current).toEqual({ message: 'the disk is full', since })
    work.isBroken = false
    await runtime.advanceAsync(2_000)
    expect(faults.current).toBeNull()
    expect(said).toEqual(['the disk is full', 'recovered after 3000'])
    expect(runtime.timerCount).toBe(0)
    faults.report(new Error('the disk is full'))
    expect(said).toHaveLength(3)
  })

  it('a pool that was closed reports and tries nothing', async () => {
    const { runtime, faults, said, work } = setUp()
    faults.report(new Error('the disk is full'))
    faults.close()
    faults.report(new Error('something else'))
    await runtime.advanceAsync(60_000)
    expect([said, work.tries, runtime.timerCount]).toEqual([['the disk is full'], 0, 0])
  })
})
