import { describe, expect, it } from 'vitest'
import { statusOf } from '../key/key-view.js'
import type { Outcome } from '../outcome/outcome.js'
import { keyringUnderTest } from '../testing/keyring-under-test.js'

const minute = 60_000
const halfHour = 30 * minute

const success: Outcome = { kind: 'success', status: 200 }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds', status: 402, code: 30001 }

const catalogue = { 'free/*': { free: true }, 'Pro/*': { chargedOnly: true } }
const keyringOf = (more: Parameters<typeof keyringUnderTest>[0] = {}) =>
  keyringUnderTest({ catalogue, ...more })

describe('a lack of money', () => {
  it('a lack of recharged money leaves the account’s other models in service', () => {
    const { add, settle, take, grant } = keyringOf()
    const keys = [add('a', 'acme'), add('b', 'acme')]
    settle(grant('Pro/m'), noMoney)
    expect(take('Pro/m')).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: halfHour })
    expect(take('Pro/other')).toMatchObject({ code: 'all_keys_exhausted' })
    expect(new Set([grant('m').key, grant('m').key])).toEqual(new Set(keys))
    expect(take('free/m').kind).toBe('grant')
  })

  it('a lack of money on a paid model leaves free models in service', () => {
    const { add, settle, take, grant } = keyringOf()
    const key = add('a')
    settle(grant('m'), noMoney)
    expect(statusOf(key)).toBe('exhausted')
    for (const model of ['m', 'other', 'Pro/m', ''])
      expect(take(model)).toMatchObject({ code: 'all_keys_exhausted' })
    expect(grant('free/m').key).toBe(key)
    expect(grant('', { isFree: true }).key).toBe(key)
  })

  it('an account without money is the last resort for a free model under an inferred cooldown', () => {
    const { add, settle, take, grant } = keyringOf()
    const key = add('a')
    settle(grant('m'), noMoney)
    settle(grant('free/m'), { kind: 'upstream-error', fault: 'overload' })
    expect(take('free/m').kind).toBe('refusal')
    expect(grant('free/m', { lastResorts: 1 }).key).toBe(key)
  })

  it('a lack of money on a free model takes the account out altogether', () => {
    const { add, settle, take, grant } = keyringOf()
    add('a')
    settle(grant('free/m'), noMoney)
    for (const model of ['m', 'free/m', 'free/other', 'Pro/m'])
      expect(take(model)).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: halfHour })
  })

  it('a lack of money on a paid and then on a free model takes the account out altogether', () => {
    const { add, settle, take, grant } = keyringOf()
    add('a')
    settle(grant('m'), noMoney)
    settle(grant('free/m'), noMoney)
    expect(take('free/m')).toMatchObject({ code: 'all_keys_exhausted' })
  })

  it('a lack of money is reported for every key of the account, and for no other', () => {
    const { add, settle, grant, emitted } = keyringOf({ strategy: 'sequential' })
    const [a, b] = [add('a', 'acme'), add('b', 'acme')]
    const c = add('c')
    settle(grant('m'), noMoney)
    expect(emitted).toEqual([['key-exhausted', expect.objectContaining({ keys: [a.id, b.id] })]])
    expect(grant('m').key).toBe(c)
  })
})

describe('free models', () => {
  it('a free model is served by accounts without money first, to spare the others', () => {
    const { add, settle, grant } = keyringOf({ strategy: 'sequential' })
    const [paid, poor] = [add('paid'), add('poor')]
    settle(grant('m', { tried: [paid] }), noMoney)
    for (let call = 0; call < 5; call++) expect(grant('free/m').key).toBe(poor)
    expect(grant('m').key).toBe(paid)
  })

  it('a free model is served by an account with money when no other can', () => {
    const { add, settle, grant } = keyringOf({
      strategy: 'sequential',
      concurrency: { key: 1, account: 9, pool: 9 },
    })
    const [paid, poor] = [add('paid'), add('poor')]
    settle(grant('m', { tried: [paid] }), noMoney)
    expect(grant('free/m').key).toBe(poor)
    expect(grant('free/m').key).toBe(paid)
  })

  it('a free model is shared among accounts without money by the strategy that rules.free names', () => {
    const { add, settle, grant } = keyringOf({ rules: { free: 'sequential' } })
    const [a, b] = [add('a'), add('b')]
    settle(grant('m'), noMoney)
    settle(grant('m'), noMoney)
    expect([grant('free/m').key, grant('free/m').key]).toEqual([a, a])
    expect(b.requests).toBe(1)
  })

  it('a free model is not served beyond the concurrency of a key', () => {
    const { add, settle, take, grant } = keyringOf({ concurrency: { key: 1, account: 9, pool: 9 } })
    const poor = add('poor', 'acme')
    settle(grant('m'), noMoney)
    grant('free/m')
    expect(poor.inFlight).toBe(1)
    expect(take('free/m').kind).toBe('refusal')
    expect(take('free/m', { account: 'acme' }).kind).toBe('refusal')
  })
})

describe('a trial after a lack of money', () => {
  it.each<[string, string, string[]]>([
    ['Pro/m', 'Pro/other', ['m', 'free/m']],
    ['m', 'other', ['free/m']],
    ['m', 'Pro/m', ['free/m']],
    ['free/m', 'free/other', []],
    ['free/m', 'm', []],
  ])('a trial after a lack of money for %s is a call for %s, not one for %j', (failed, trying, others) => {
    const { add, runtime, settle, take, grant } = keyringOf()
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
    for (const model of others) expect(take(model).kind).toBe('grant')
    settle(trial, success)
    expect(account.health.status).toBe('ready')
    expect(take(failed).kind).toBe('grant')
  })

  it('a trial for money does not hold up free requests, bound to its account or not', () => {
    const { add, runtime, settle, grant } = keyringOf()
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

  it('a trial for money that fails doubles the exhaustion, with free models in service', () => {
    const { add, runtime, settle, take, grant } = keyringOf()
    add('a')
    settle(grant('m'), noMoney)
    runtime.advance(halfHour)
    settle(grant('m'), noMoney)
    expect(take('m')).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: 2 * halfHour })
    expect(take('free/m').kind).toBe('grant')
  })

  it('a trial for money comes after the time that each refusal names', () => {
    const { add, runtime, settle, take, grant } = keyringOf()
    add('a')
    settle(grant('m'), noMoney)
    const asked = { lastResorts: 1 }
    expect(take('m', asked)).toMatchObject({ retryAfterMs: halfHour })
    runtime.advance(29 * minute)
    expect(take('m', asked)).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: minute })
    runtime.advance(minute - 1)
    expect(take('m', asked)).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: 1 })
    runtime.advance(1)
    expect(take('m', asked).kind).toBe('grant')
  })

  it('a free request waits for the trial of a secret', () => {
    const { add, keyring, runtime, settle, take, grant } = keyringOf()
    const key = add('a')
    settle(grant('m'), noMoney)
    keyring.restore(key, { key: { status: 'probing', after: 'refused', strikes: 1 } })
    const trial = grant('free/m')
    expect(key.trial).toBe(trial)
    expect(take('free/m').kind).toBe('refusal')
    settle(trial, success)
    expect(key.health.status).toBe('ready')
    expect(take('free/m').kind).toBe('grant')
    runtime.advance(1)
  })
})
