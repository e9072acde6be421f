import { describe, expect, it } from 'vitest'
import { statusOf } from '../key/key-view.js'
import type { Outcome } from '../outcome/outcome.js'
import { accountNamed, keyringUnderTest } from '../testing/keyring-under-test.js'

const halfHour = 30 * 60_000

const success: Outcome = { kind: 'success', status: 200 }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds' }
const wrongKey: Outcome = { kind: 'unauthorized', fault: 'key', message: 'Token is invalid.' }
const overload: Outcome = { kind: 'upstream-error', fault: 'overload' }

describe('an account without money', () => {
  it('gets one trial when its cooldown is over, and other requests wait for its outcome', () => {
    const { add, runtime, settle, take, emitted, grant } = keyringUnderTest()
    const keys = [add('a', 'acme'), add('b', 'acme')]
    settle(grant('m'), noMoney)
    expect(take('other')).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: halfHour })
    runtime.advance(halfHour)
    const trial = grant('m')
    expect(keys.map(statusOf)).toEqual(['probing', 'probing'])
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    settle(trial, success)
    expect(keys.map(statusOf)).toEqual(['ready', 'ready'])
    expect(emitted.at(-1)).toEqual(['key-recovered', { keys: keys.map(({ id }) => id), model: null }])
    expect(new Set([grant().key, grant().key])).toEqual(new Set(keys))
  })

  it('cools down twice as long when the trial finds no money either', () => {
    const { add, runtime, settle, take, grant } = keyringUnderTest()
    add('a')
    settle(grant(), noMoney)
    runtime.advance(halfHour)
    settle(grant(), noMoney)
    expect(take()).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: 2 * halfHour })
  })

  it('is not ready again by a call that began before the cooldown', () => {
    const { add, runtime, settle, take, grant } = keyringUnderTest()
    const key = add('a', 'acme')
    add('b', 'acme')
    const [earlier, refused] = [grant(), grant()]
    settle(refused, noMoney)
    runtime.advance(halfHour)
    const trial = grant()
    settle(earlier, success)
    expect(statusOf(key)).toBe('probing')
    expect(take()).toMatchObject({ code: 'all_keys_cooling' })
    settle(trial, noMoney)
    expect(statusOf(key)).toBe('exhausted')
  })

  it.each<[string, Outcome]>([
    ['was given back', { kind: 'aborted' }],
    ['met overload', overload],
    ['was the caller’s mistake', { kind: 'rejected', fault: 'caller' }],
  ])('gets another trial when the first one %s', (_name, outcome) => {
    const { add, runtime, settle, grant } = keyringUnderTest()
    const [a, b] = [add('a', 'acme'), add('b', 'acme')]
    settle(grant('m'), noMoney)
    runtime.advance(halfHour)
    const first = grant('m')
    settle(first, outcome)
    expect(statusOf(a)).toBe('probing')
    settle(grant('other'), success)
    expect([a, b].map(statusOf)).toEqual(['ready', 'ready'])
  })

  it('gets another trial when the key of the first one is refused, removed or moved away', () => {
    for (const fate of ['refused', 'removed', 'moved'] as const) {
      const { keyring, add, runtime, settle, grant } = keyringUnderTest()
      const [a, b] = [add('a', 'acme'), add('b', 'acme')]
      settle(grant(), noMoney)
      runtime.advance(halfHour)
      const trial = grant()
      const tried = trial.key
      const other = tried === a ? b : a
      if (fate === 'refused') settle(trial, wrongKey)
      if (fate === 'removed') keyring.members.remove(tried)
      if (fate === 'moved')
        keyring.members.change(tried, () => Object.assign(tried, { account: accountNamed(keyring, 'x') }))
      const next = grant('', { tried: [tried] })
      expect(next.key).toBe(other)
      if (fate !== 'refused') settle(trial, success)
      expect(statusOf(other)).toBe('probing')
      settle(next, success)
      expect(statusOf(other)).toBe('ready')
    }
  })

  it('has no second trial because a key is added, is changed, or another call ends', () => {
    const { keyring, add, runtime, settle, take, grant } = keyringUnderTest()
    const a = add('a', 'acme')
    const [earlier, refused] = [grant(), grant()]
    settle(refused, noMoney)
    runtime.advance(halfHour)
    grant()
    add('b', 'acme')
    keyring.members.change(a, () => {
      a.label = 'renamed'
    })
    settle(earlier, overload)
    expect(take()).toMatchObject({ code: 'all_keys_cooling' })
  })

  it('signals a free place to waiting requests when the key of the trial is removed', () => {
    let freed = 0
    const { add, keyring, runtime, settle, take, grant } = keyringUnderTest({ onFree: () => void freed++ })
    const keys = [add('a', 'acme'), add('b', 'acme')]
    settle(grant('m'), noMoney)
    runtime.advance(halfHour)
    const trial = grant('m')
    expect(take('other')).toMatchObject({ isBusy: true })
    freed = 0
    keyring.members.remove(trial.key)
    expect(freed).toBe(1)
    expect(grant('other').key).toBe(keys.find((key) => key !== trial.key))
  })

  it('serves at once when the operator resets it, whatever the outcome of the trial is later', () => {
    const { keyring, add, runtime, settle, grant } = keyringUnderTest()
    const key = add('a')
    settle(grant(), noMoney)
    runtime.advance(halfHour)
    const trial = grant()
    keyring.restore(key, { account: { status: 'ready' }, forgetCooldowns: true })
    settle(grant(), success)
    settle(trial, noMoney)
    expect(statusOf(key)).toBe('exhausted')
  })
})
