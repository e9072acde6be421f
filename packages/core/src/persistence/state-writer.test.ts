import { describe, expect, it, vi } from 'vitest'
import { PoolEmitter } from '../events.js'
import { makeKey } from '../key/testing/make-key.js'
import { memoryStore } from '../store/memory/memory-store.js'
import { storedKey } from '../store/testing/stored-keys.js'
import { fakeRuntime, promisesSettled } from '../testing/fake-runtime.js'
import { troubledStore } from '../testing/troubled-store.js'
import { StateWriter } from './state-writer.js'

async function setUp() {
  const base = memoryStore()
  const store = troubledStore(base)
  const runtime = fakeRuntime()
  const events = new PoolEmitter()
  const errors: string[] = []
  events.on('store-error', ({ error }) => void errors.push(error.message))
  const stateWriter = new StateWriter(store, runtime, events)
  const key = makeKey('a')
  const { account } = key
  await base.putKeys([{ ...storedKey(1), id: key.id }])
  const saved = async () => (await base.load()).keyStates.find(({ id }) => id === key.id)
  return { base, store, runtime, errors, stateWriter, key, account, saved }
}

describe('state that changed', () => {
  it('changed state is written a second later, once for all the changes in between', async () => {
    const { store, runtime, stateWriter, key, account, saved } = await setUp()
    for (let change = 1; change <= 100; change++) {
      key.requests = change
      stateWriter.touch(key, account)
    }
    await runtime.advanceAsync(999)
    expect(await saved()).toBeUndefined()
    await runtime.advanceAsync(1)
    expect(await saved()).toMatchObject({ requests: 100 })
    expect(store.calls.saveStates).toBe(1)
    expect(runtime.timerCount).toBe(0)
  })

  it('changed state is written whole: health, figures, cooldowns, balance', async () => {
    const { base, runtime, stateWriter, key, account } = await setUp()
    key.health = { status: 'invalid', reason: 'refused', since: 5 }
    Object.assign(key, { requests: 4, successes: 3, promptTokens: 2, completionTokens: 1, usedAt: 9 })
    account.balance = { amount: '1.50', currency: 'CNY', source: 'known', at: 7 }
    account.startCooldown(
      { model: 'm', since: 1, until: 2, reason: 'rate-limited', meter: 'TPM', strikes: 3 },
      1,
    )
    stateWriter.touch(key, account)
    await runtime.advanceAsync(1_000)
    const { keyStates, accountStates, balances } = await base.load()
    expect(keyStates).toEqual([
      {
        id: key.id,
        health: { status: 'invalid', reason: 'refused', since: 5 },
        requests: 4,
        successes: 3,
        promptTokens: 2,
        completionTokens: 1,
        lastUsedAt: 9,
        failures: 0,
        upstreamAccount: null,
      },
    ])
    expect(accountStates).toEqual([
      {
        upstream: 'default',
        id: account.id,
        health: { status: 'ready' },
        cooldowns: [{ model: 'm', since: 1, until: 2, reason: 'rate-limited', meter: 'TPM', strikes: 3 }],
        quotas: [],
      },
    ])
    expect(balances).toMatchObject([
      { id: account.id, baseline: { amount: 1_500_000_000_000n, currency: 'CNY', source: 'known', at: 7 } },
    ])
  })

  it('the state of a thousand keys is written in batches that keep no request waiting', async () => {
    const { store, runtime, stateWriter } = await setUp()
    for (let n = 0; n < 1_200; n++) {
      const key = makeKey(`${n}`)
      stateWriter.touch(key, key.account)
    }
    await runtime.advanceAsync(1_000)
    expect(store.calls.saveStates).toBe(3)
  })

  it('state that changes during a save is written by the next one', async () => {
    const { store, runtime, stateWriter, key, account, saved } = await setUp()
    const release = store.hold('saveStates')
    key.requests = 1
    stateWriter.touch(key, account)
    await runtime.advanceAsync(1_000)
    key.requests = 2
    stateWriter.touch(key, account)
    release()
    await promisesSettled()
    await runtime.advanceAsync(1_000)
    expect(await saved()).toMatchObject({ requests: 2 })
    expect(store.calls.saveStates).toBe(2)
  })

  it('state that could not be written is kept, reported, and written with the next change', async () => {
    const { store, runtime, errors, stateWriter, key, account, saved } = await setUp()
    store.broken.add('saveStates')
    stateWriter.touch(key, account)
    await runtime.advanceAsync(1_000)
    expect(errors).toEqual(['the test broke saveStates'])
    store.broken.clear()
    const other = makeKey('b')
    stateWriter.touch(other, other.account)
    await runtime.advanceAsync(1_000)
    expect(await saved()).toBeDefined()
    expect(errors).toHaveLength(1)
  })

  it('changed state is written at once when the pool closes', async () => {
    const { store, runtime, stateWriter, key, account, saved } = await setUp()
    stateWriter.touch(key, account)
    await stateWriter.close()
    expect(await saved()).toBeDefined()
    expect(store.calls.close).toBe(1)
    expect(runtime.timerCount).toBe(0)
  })

  it('state that changes after the end sets no timer and causes no error', async () => {
    const { runtime, errors, stateWriter, key, account } = await setUp()
    await stateWriter.close()
    stateWriter.touch(key, account)
    expect(runtime.timerCount).toBe(0)
    expect(errors).toEqual([])
  })
})

describe('the keys in the store', () => {
  it('the stored keys are read at the start, and again each time another process changed them', async () => {
    const { base, runtime, stateWriter } = await setUp()
    const read = vi.fn(async () => {})
    await stateWriter.follow(read)
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
    const { base, runtime, stateWriter } = await setUp()
    const read = vi.fn(async () => {
      if (read.mock.calls.length === 1) await base.putKeys([storedKey(2)])
    })
    await stateWriter.follow(read)
    await runtime.advanceAsync(1_000)
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('stored keys that cannot be read at the start make the start fail', async () => {
    const { store, runtime, stateWriter } = await setUp()
    store.broken.add('revision')
    await expect(stateWriter.follow(async () => {})).rejects.toThrow('the test broke revision')
    expect(runtime.timerCount).toBe(0)
  })

  it('stored keys that cannot be read later are reported and read again', async () => {
    const { base, store, runtime, errors, stateWriter } = await setUp()
    let isBroken = false
    const read = vi.fn(async () => {
      if (isBroken) throw new Error('cannot read')
    })
    await stateWriter.follow(read)
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
    const { base, store, runtime, errors, stateWriter } = await setUp()
    const read = vi.fn(async () => {})
    await stateWriter.follow(read)
    await base.putKeys([storedKey(2)])
    const release = store.hold('revision')
    await runtime.advanceAsync(1_000)
    await stateWriter.close()
    release()
    await promisesSettled()
    expect(read).toHaveBeenCalledTimes(1)
    expect(runtime.timerCount).toBe(0)
    expect(errors).toEqual([])
  })
})
