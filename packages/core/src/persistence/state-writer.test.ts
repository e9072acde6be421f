import { describe, expect, it } from 'vitest'
import { PoolEmitter } from '../events.js'
import { makeKey } from '../key/testing/make-key.js'
import { memoryStore } from '../store/memory/memory-store.js'
import { storedKey } from '../store/testing/stored-keys.js'
import { fakeRuntime, promisesSettled } from '../testing/fake-runtime.js'
import { troubledStore } from '../testing/troubled-store.js'
import { StateWriter } from './state-writer.js'
import { StoreFaults } from './store-faults.js'

async function setUp(options: { readonly saveDelayMs?: number } = {}) {
  const base = memoryStore()
  const store = troubledStore(base)
  const runtime = fakeRuntime()
  const events = new PoolEmitter()
  const errors: string[] = []
  events.on('store-error', ({ error }) => void errors.push(error.message))
  const faults = new StoreFaults(runtime, events)
  const stateWriter = new StateWriter({ store, runtime, faults, ...options })
  const key = makeKey('a')
  const { account } = key
  await base.putKeys([{ ...storedKey(1), id: key.id }])
  const saved = async () => (await base.load()).keyStates.find(({ id }) => id === key.id)
  return { base, store, runtime, faults, errors, stateWriter, key, account, saved }
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

  it('changed state waits as long as it was told to', async () => {
    const { runtime, stateWriter, key, account, saved } = await setUp({ saveDelayMs: 60_000 })
    stateWriter.touch(key, account)
    await runtime.advanceAsync(59_999)
    expect(await saved()).toBeUndefined()
    await runtime.advanceAsync(1)
    expect(await saved()).toBeDefined()
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

  it('state that could not be written is written when the store works again, without a further change', async () => {
    const { store, runtime, faults, stateWriter, key, account, saved } = await setUp()
    store.broken.add('saveStates')
    stateWriter.touch(key, account)
    await runtime.advanceAsync(600_000)
    expect(faults.current).toMatchObject({ message: 'the test broke saveStates' })
    store.broken.clear()
    await runtime.advanceAsync(5_000)
    expect(await saved()).toBeDefined()
    expect(faults.current).toBeNull()
    expect(runtime.timerCount).toBe(0)
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
