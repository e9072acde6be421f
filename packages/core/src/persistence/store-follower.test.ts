import { describe, expect, it, vi } from 'vitest'
import { KeyPoolError } from '../errors.js'
import { PoolEmitter } from '../events.js'
import { memoryStore } from '../store/memory/memory-store.js'
import type { StoreListener } from '../store/store-news.js'
import { storedKey } from '../store/testing/stored-keys.js'
import { fakeRuntime, promisesSettled } from '../testing/fake-runtime.js'
import { troubledStore } from '../testing/troubled-store.js'
import { StoreFaults } from './store-faults.js'
import { StoreFollower } from './store-follower.js'

async function setUp() {
  const base = memoryStore()
  // A store without `watch`.
  const store = troubledStore(base)
  const runtime = fakeRuntime()
  const events = new PoolEmitter()
  const errors: string[] = []
  events.on('store-error', ({ error }) => void errors.push(error.message))
  const faults = new StoreFaults(runtime, events)
  const follower = new StoreFollower(store, runtime, faults)
  await base.putKeys([storedKey(1)])
  return { base, store, runtime, faults, errors, follower }
}

describe('a store that cannot be watched', () => {
  it('the stored keys are read at the start, and again each time another process changed them', async () => {
    const { base, runtime, follower } = await setUp()
    const read = vi.fn(async () => {})
    await follower.follow(read)
    expect(read).toHaveBeenCalledTimes(1)
    await runtime.advanceAsync(5_000)
    expect(read).toHaveBeenCalledTimes(1)
    await base.putKeys([storedKey(2)])
    await runtime.advanceAsync(1_000)
    expect(read).toHaveBeenCalledTimes(2)
    await runtime.advanceAsync(5_000)
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('the stored keys are read again when they changed during the first reading', async () => {
    const { base, runtime, follower } = await setUp()
    const read = vi.fn(async () => {
      if (read.mock.calls.length === 1) await base.putKeys([storedKey(2)])
    })
    await follower.follow(read)
    await runtime.advanceAsync(1_000)
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('stored keys that cannot be read at the start make the start fail', async () => {
    const { store, runtime, follower } = await setUp()
    store.broken.add('revision')
    await expect(follower.follow(async () => {})).rejects.toThrow('the test broke revision')
    expect(runtime.timerCount).toBe(0)
  })

  it('stored keys that cannot be read later are reported and read again', async () => {
    const { base, store, runtime, errors, follower } = await setUp()
    let isBroken = false
    const read = vi.fn(async () => {
      if (isBroken) throw new Error('cannot read')
    })
    await follower.follow(read)
    await base.putKeys([storedKey(2)])
    isBroken = true
    await runtime.advanceAsync(1_000)
    store.broken.add('revision')
    await runtime.advanceAsync(1_000)
    expect(errors).toEqual(['cannot read', 'the test broke revision'])
    isBroken = false
    store.broken.clear()
    await runtime.advanceAsync(1_000)
    expect(read).toHaveBeenCalledTimes(3)
  })

  it('the stored keys are not read after the end, not even when the revision was just being asked for', async () => {
    const { base, store, runtime, errors, follower } = await setUp()
    const read = vi.fn(async () => {})
    await follower.follow(read)
    await base.putKeys([storedKey(2)])
    const release = store.hold('revision')
    await runtime.advanceAsync(1_000)
    follower.close()
    release()
    await promisesSettled()
    expect(read).toHaveBeenCalledTimes(1)
    expect(runtime.timerCount).toBe(0)
    expect(errors).toEqual([])
  })
})

describe('a store that can be watched', () => {
  const watched = async () => {
    const parts = await setUp()
    const follower = new StoreFollower(parts.base, parts.runtime, parts.faults)
    return { ...parts, follower }
  }

  it('a change is read at once, and changes that follow soon are read together', async () => {
    const { base, runtime, follower } = await watched()
    const read = vi.fn(async () => {})
    await follower.follow(read)
    await runtime.advanceAsync(5_000)
    expect([read.mock.calls.length, runtime.timerCount]).toEqual([1, 0])
    await base.putKeys([storedKey(2)])
    expect(read).toHaveBeenCalledTimes(2)
    await promisesSettled()
    for (let n = 3; n < 50; n++) await base.putKeys([storedKey(n)])
    expect(read).toHaveBeenCalledTimes(2)
    await runtime.advanceAsync(100)
    expect(read).toHaveBeenCalledTimes(3)
    await runtime.advanceAsync(60_000)
    expect([read.mock.calls.length, runtime.timerCount]).toEqual([3, 0])
  })

  it('a change that comes while the keys are read is read after that', async () => {
    const { base, runtime, follower } = await watched()
    let release = () => {}
    const read = vi.fn(async () => {
      if (read.mock.calls.length === 2) await new Promise<void>((resolve) => (release = resolve))
    })
    await follower.follow(read)
    await base.putKeys([storedKey(2)])
    await base.putKeys([storedKey(3)])
    runtime.advance(3_000)
    release()
    await runtime.advanceAsync(999)
    expect(read).toHaveBeenCalledTimes(2)
    // A reading that took long is followed by a pause.
    await runtime.advanceAsync(1)
    expect(read).toHaveBeenCalledTimes(3)
  })

  it('changes of records are told, and no reason to read the keys', async () => {
    const { base, runtime, faults } = await setUp()
    const onRecords = vi.fn()
    const follower = new StoreFollower(base, runtime, faults, onRecords)
    const read = vi.fn(async () => {})
    await follower.follow(read)
    await base.records?.write({ at: 1, put: [{ kind: 'client', id: 'a', value: 1 }] })
    await runtime.advanceAsync(5_000)
    expect(read).toHaveBeenCalledTimes(1)
    expect(onRecords).toHaveBeenCalledTimes(1)
  })

  it('keys that cannot be read are reported and read again', async () => {
    const { base, runtime, faults, errors, follower } = await watched()
    let isBroken = false
    const read = vi.fn(async () => {
      if (isBroken) throw new Error('cannot read')
    })
    await follower.follow(read)
    isBroken = true
    await base.putKeys([storedKey(2)])
    await runtime.advanceAsync(1_000)
    expect(errors).toEqual(['cannot read'])
    isBroken = false
    await runtime.advanceAsync(5_000)
    expect(read.mock.results.at(-1)).toMatchObject({ type: 'return' })
    expect([faults.current, runtime.timerCount]).toEqual([null, 0])
  })

  it('a store that fails at the start is not watched any longer, nor is one that was closed', async () => {
    const { base, runtime, follower } = await watched()
    const failing = vi.fn(() => Promise.reject(new Error('cannot read')))
    await expect(follower.follow(failing)).rejects.toThrow('cannot read')
    await base.putKeys([storedKey(2)])
    expect(failing).toHaveBeenCalledTimes(1)
    const read = vi.fn(async () => {})
    await follower.follow(read)
    follower.close()
    await base.putKeys([storedKey(3)])
    await runtime.advanceAsync(5_000)
    expect([read.mock.calls.length, runtime.timerCount]).toEqual([1, 0])
  })

  it('what the store says of itself holds until it takes that back', async () => {
    const { base, runtime, faults, errors, follower: _ } = await watched()
    let tell: StoreListener = () => {}
    const watch = (listener: StoreListener) => {
      tell = listener
      return () => {}
    }
    const telling = { ...base, watch }
    const follower = new StoreFollower(telling, runtime, faults)
    await follower.follow(async () => {})
    tell({ type: 'fault', error: new KeyPoolError('store_failed', 'the file was deleted') })
    await runtime.advanceAsync(59_000)
    expect(errors).toEqual(['the file was deleted'])
    expect(faults.current?.message).toBe('the file was deleted')
    tell({ type: 'healed' })
    await promisesSettled()
    expect([faults.current, runtime.timerCount]).toEqual([null, 0])
  })
})
