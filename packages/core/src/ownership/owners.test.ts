import { describe, expect, it } from 'vitest'
import { PoolEmitter } from '../events.js'
import { StoreFaults } from '../persistence/store-faults.js'
import type { Resource } from '../provider/resource.js'
import { memoryStore } from '../store/memory/memory-store.js'
import { fakeRuntime, promisesSettled } from '../testing/fake-runtime.js'
import { troubledStore } from '../testing/troubled-store.js'
import { Owners } from './owners.js'

function setUp({
  memoryLimit,
  base = memoryStore(),
}: {
  memoryLimit?: number
  base?: ReturnType<typeof memoryStore>
} = {}) {
  const store = troubledStore(base)
  const runtime = fakeRuntime()
  const events = new PoolEmitter()
  const errors: string[] = []
  events.on('store-error', ({ error }) => void errors.push(error.message))
  const limit = memoryLimit === undefined ? {} : { memoryLimit }
  const owners = new Owners({ store, runtime, faults: new StoreFaults(runtime, events), ...limit })
  return { base, store, runtime, errors, owners }
}

const file = (id: string): Resource => ({ id, kind: 'file' })

describe('an owner that is remembered', () => {
  it('a recorded owner is known at once, before it is stored', async () => {
    const { owners, store } = setUp()
    const release = store.hold('putOwners')
    owners.remember([file('file-1')], 'acme')
    expect(await owners.ownerOf(['file-1'])).toBe('acme')
    expect(store.calls.ownersOf).toBeUndefined()
    release()
  })

  it('a recorded owner is being written when remember returns, and known to a later run', async () => {
    const { owners, store, base } = setUp()
    owners.remember([file('file-1'), { id: 'batch_1', kind: 'batch' }], 'acme')
    expect(store.calls.putOwners).toBe(1)
    await owners.settled()
    const later = setUp({ base })
    expect(await later.owners.ownerOf(['batch_1'])).toBe('acme')
    expect(await later.owners.ownerOf(['batch_1'])).toBe('acme')
    expect(later.store.calls.ownersOf).toBe(1)
  })

  it('a recorded owner is written once, however often it is seen', async () => {
    const { owners, store } = setUp()
    for (let time = 0; time < 5; time++) {
      owners.remember([file('file-1')], 'acme')
      await owners.settled()
    }
    expect(store.calls.putOwners).toBe(1)
    owners.remember([file('file-1')], 'other')
    await owners.settled()
    expect(store.calls.putOwners).toBe(2)
    expect(await owners.ownerOf(['file-1'])).toBe('other')
  })

  it('a recorded owner is found beside unknown ids', async () => {
    const { owners } = setUp()
    owners.remember([file('file-2')], 'acme')
    expect(await owners.ownerOf(['file-1', 'file-2'])).toBe('acme')
    expect(await owners.ownerOf(['file-1'])).toBeNull()
    expect(await owners.ownerOf([])).toBeNull()
  })

  it('an owner beyond the memory limit is looked up in the store again', async () => {
    const { owners, store } = setUp({ memoryLimit: 2 })
    for (const id of ['file-1', 'file-2']) owners.remember([file(id)], 'acme')
    await owners.ownerOf(['file-1'])
    owners.remember([file('file-3')], 'acme')
    await owners.settled()
    expect(await owners.ownerOf(['file-1'])).toBe('acme')
    expect(store.calls.ownersOf).toBeUndefined()
    expect(await owners.ownerOf(['file-2'])).toBe('acme')
    expect(store.calls.ownersOf).toBe(1)
  })
})

describe('an owner that is forgotten', () => {
  it('a forgotten owner is unknown at once, and gone from the store soon after', async () => {
    const { owners, store, base } = setUp()
    owners.remember([file('file-1')], 'acme')
    await owners.settled()
    const release = store.hold('forgetOwners')
    owners.forget(['file-1'])
    expect(await owners.ownerOf(['file-1'])).toBeNull()
    release()
    await owners.settled()
    expect(await base.ownersOf(['file-1'])).toEqual(new Map())
  })

  it('a forgotten owner stays forgotten when it was just being written, or looked up', async () => {
    const { owners, store, base } = setUp()
    await base.putOwners([{ ...file('file-2'), account: 'acme', at: 1 }])
    const [writing, reading] = [store.hold('putOwners'), store.hold('ownersOf')]
    owners.remember([file('file-1')], 'acme')
    const asked = owners.ownerOf(['file-2'])
    owners.forget(['file-1', 'file-2'])
    writing()
    reading()
    expect(await asked).toBeNull()
    await owners.settled()
    expect(await base.ownersOf(['file-1', 'file-2'])).toEqual(new Map())
    expect(await owners.ownerOf(['file-1'])).toBeNull()
  })

  it('a forgotten owner is known again when it is recorded again', async () => {
    const { owners, base } = setUp()
    owners.forget(['file-1'])
    owners.remember([file('file-1')], 'acme')
    await owners.settled()
    expect(await base.ownersOf(['file-1'])).toEqual(new Map([['file-1', 'acme']]))
  })
})

describe('a store that fails', () => {
  it('a failing store is reported, and what it refused is written with the next change', async () => {
    const { owners, store, base, errors } = setUp()
    store.broken.add('putOwners')
    owners.remember([file('file-1')], 'acme')
    await owners.settled()
    expect(errors).not.toEqual([])
    expect(new Set(errors)).toEqual(new Set(['the test broke putOwners']))
    expect(await owners.ownerOf(['file-1'])).toBe('acme')
    store.broken.clear()
    owners.remember([file('file-2')], 'acme')
    await owners.settled()
    expect((await base.ownersOf(['file-1', 'file-2'])).size).toBe(2)
  })

  it('what a failing store refused is written when it works again, without a further change', async () => {
    const { owners, store, runtime, base } = setUp()
    store.broken.add('putOwners')
    owners.remember([file('file-1')], 'acme')
    await runtime.advanceAsync(2_000)
    store.broken.clear()
    await runtime.advanceAsync(5_000)
    expect(await base.ownersOf(['file-1'])).toEqual(new Map([['file-1', 'acme']]))
    expect(runtime.timerCount).toBe(0)
  })

  it('a failing store leaves the owner unknown, and rejects nothing', async () => {
    const { owners, store, errors } = setUp()
    store.broken.add('ownersOf')
    expect(await owners.ownerOf(['file-1'])).toBeNull()
    expect(errors).toEqual(['the test broke ownersOf'])
  })

  it('a store that keeps failing costs bounded memory', async () => {
    const { owners, store, base } = setUp()
    store.broken.add('putOwners')
    const many = Array.from({ length: 25_000 }, (_, n) => file(`file-${n}`))
    owners.remember(many, 'acme')
    await promisesSettled()
    store.broken.clear()
    await owners.settled()
    const kept = await base.ownersOf(many.map(({ id }) => id))
    expect(kept.size).toBe(20_000)
    expect(kept.has('file-24999')).toBe(true)
  })
})
