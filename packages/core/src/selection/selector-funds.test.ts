import { describe, expect, it } from 'vitest'
import { statusOf } from '../key/key-view.js'
import type { Outcome } from '../outcome/outcome.js'
import { keyringUnderTest } from '../testing/keyring-under-test.js'

const minute = 60_000
const halfHour = 30 * minute

const success: Outcome = { kind: 'success', status: 200 }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds', status: 402, code: 30001 }

const catalogue = { 'free/*': { free: true }, 'Pro/*': { chargedOnly: true } }
const under = (more: Parameters<typeof keyringUnderTest>[0] = {}) => keyringUnderTest({ catalogue, ...more })

describe('a lack of money', () => {
  it('on a model that takes recharged money only leaves the account’s other models alive', () => {
    const { add, settle, take, grant } = under()
    const keys = [add('a', 'acme'), add('b', 'acme')]
    settle(grant('Pro/m'), noMoney)
    expect(take('Pro/m')).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: halfHour })
    expect(take('Pro/other')).toMatchObject({ code: 'all_keys_exhausted' })
    expect(new Set([grant('m').key, grant('m').key])).toEqual(new Set(keys))
    expect('key' in take('free/m')).toBe(true)
  })

  it('on a paid model leaves the free ones alive', () => {
    const { add, settle, take, grant } = under()
    const key = add('a')
    settle(grant('m'), noMoney)
    expect(statusOf(key)).toBe('exhausted')
    for (const model of ['m', 'other', 'Pro/m', ''])
      expect(take(model)).toMatchObject({ code: 'all_keys_exhausted' })
    expect(grant('free/m').key).toBe(key)
    expect(grant('', { isFree: true }).key).toBe(key)
  })

  it('leaves the account as the last resort for free models that it rests on by our own guess', () => {
    const { add, settle, take, grant } = under()
    const key = add('a')
    settle(grant('m'), noMoney)
    settle(grant('free/m'), { kind: 'upstream-error', fault: 'overload' })
    expect('freeAt' in take('free/m')).toBe(true)
    expect(grant('free/m', { lastResorts: 1 }).key).toBe(key)
  })

  it('on a free model takes the account out altogether', () => {
    const { add, settle, take, grant } = under()
    add('a')
    settle(grant('free/m'), noMoney)
    for (const model of ['m', 'free/m', 'free/other', 'Pro/m'])
      expect(take(model)).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: halfHour })
  })

  it('on a paid model and then on a free one takes it out altogether, too', () => {
    const { add, settle, take, grant } = under()
    add('a')
    settle(grant('m'), noMoney)
    settle(grant('free/m'), noMoney)
    expect(take('free/m')).toMatchObject({ code: 'all_keys_exhausted' })
  })

  it('tells every key of the account, and no other', () => {
    const { add, settle, grant, emitted } = under({ strategy: 'sequential' })
    const [a, b] = [add('a', 'acme'), add('b', 'acme')]
    const c = add('c')
    settle(grant('m'), noMoney)
    expect(emitted).toEqual([['key-exhausted', expect.objectContaining({ keys: [a.id, b.id] })]])
    expect(grant('m').key).toBe(c)
  })
})

describe('free models', () => {
  it('are served by the accounts without money first, so that the paid ones are spared', () => {
    const { add, settle, grant } = under({ strategy: 'sequential' })
    const [paid, poor] = [add('paid'), add('poor')]
    settle(grant('m', { tried: [paid] }), noMoney)
    for (let call = 0; call < 5; call++) expect(grant('free/m').key).toBe(poor)
    expect(grant('m').key).toBe(paid)
  })

  it('are served by the paid ones when no other can', () => {
    const { add, settle, grant } = under({
      strategy: 'sequential',
      concurrency: { key: 1, account: 9, pool: 9 },
    })
    const [paid, poor] = [add('paid'), add('poor')]
    settle(grant('m', { tried: [paid] }), noMoney)
    expect(grant('free/m').key).toBe(poor)
    expect(grant('free/m').key).toBe(paid)
  })

  it('are shared among the accounts without money by the strategy that rules.free names', () => {
    const { add, settle, grant } = under({ rules: { free: 'sequential' } })
    const [a, b] = [add('a'), add('b')]
    settle(grant('m'), noMoney)
    settle(grant('m'), noMoney)
    expect([grant('free/m').key, grant('free/m').key]).toEqual([a, a])
    expect(b.requests).toBe(1)
  })

  it('are not served twice at once where the concurrency of a key says so', () => {
    const { add, settle, take, grant } = under({ concurrency: { key: 1, account: 9, pool: 9 } })
    const poor = add('poor', 'acme')
    settle(grant('m'), noMoney)
    grant('free/m')
    expect(poor.inFlight).toBe(1)
    expect('freeAt' in take('free/m')).toBe(true)
    expect('freeAt' in take('free/m', { account: 'acme' })).toBe(true)
  })
})

describe('a trial after a lack of money', () => {
  it.each<[string, string, string[]]>([
    ['Pro/m', 'Pro/other', ['m', 'free/m']],
    ['m', 'other', ['free/m']],
    ['m', 'Pro/m', ['free/m']],
    ['free/m', 'free/other', []],
    ['free/m', 'm', []],
  ])('of a call for %s is a call for %s, not one for %j', (failed, trying, others) => {
    const { add, runtime, settle, take, grant } = under()
    const { account } = add('a')
    settle(grant(failed), noMoney)
    runtime.advance(halfHour)
    for (const model of others) {
      settle(grant(model), success)
      expect(account.health.status).toBe('probing')
      expect(account.trial).toBeNull()
    }
    const trial = grant(trying)
    expect(account.trial).toBe(trial)
    expect(take(failed)).toMatchObject({ code: 'all_keys_cooling' })
    for (const model of others) expect('key' in take(model)).toBe(true)
    settle(trial, success)
    expect(account.health.status).toBe('ready')
    expect('key' in take(failed)).toBe(true)
  })

  it('does not hold up free requests side by side, of any account and of this one', () => {
    const { add, runtime, settle, grant } = under()
    const key = add('a', 'acme')
    settle(grant('m'), noMoney)
    runtime.advance(halfHour)
    const trial = grant('m')
    for (let call = 0; call < 3; call++) expect(grant('free/m').key).toBe(key)
    for (let call = 0; call < 3; call++) expect(grant('', { isFree: true, account: 'acme' }).key).toBe(key)
    settle(trial, noMoney)
    expect(grant('free/m').key).toBe(key)
    expect(grant('', { isFree: true, account: 'acme' }).key).toBe(key)
  })

  it('that fails makes the account rest twice as long, with its free models alive', () => {
    const { add, runtime, settle, take, grant } = under()
    add('a')
    settle(grant('m'), noMoney)
    runtime.advance(halfHour)
    settle(grant('m'), noMoney)
    expect(take('m')).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: 2 * halfHour })
    expect('key' in take('free/m')).toBe(true)
  })

  it('is told the true time to wait for, however long ago the last request was refused', () => {
    const { add, runtime, settle, take, grant } = under()
    add('a')
    settle(grant('m'), noMoney)
    const asked = { lastResorts: 1 }
    expect(take('m', asked)).toMatchObject({ retryAfterMs: halfHour })
    runtime.advance(29 * minute)
    expect(take('m', asked)).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: minute })
    runtime.advance(minute - 1)
    expect(take('m', asked)).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: 1 })
    runtime.advance(1)
    expect('key' in take('m', asked)).toBe(true)
  })

  it('waits for a key on a trial of its own, even for what is free', () => {
    const { add, keyring, runtime, settle, take, grant } = under()
    const key = add('a')
    settle(grant('m'), noMoney)
    keyring.restore(key, { key: { status: 'probing', after: 'refused', strikes: 1 } })
    const trial = grant('free/m')
    expect(key.trial).toBe(trial)
    expect('freeAt' in take('free/m')).toBe(true)
    settle(trial, success)
    expect(key.health.status).toBe('ready')
    expect('key' in take('free/m')).toBe(true)
    runtime.advance(1)
  })
})
