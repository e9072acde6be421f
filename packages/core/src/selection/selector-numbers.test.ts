import { describe, expect, it } from 'vitest'
import { accountNamed, keyringUnderTest } from '../testing/keyring-under-test.js'

const second = 1_000

describe('account numbers', () => {
  it('a reused account number brings its new account neither the cooldowns nor the counts of the old one', () => {
    const { keyring, add, take, grant, settle } = keyringUnderTest({
      limits: { models: { '*': { RPM: 1 } } },
    })
    const gone = add('gone')
    settle(grant('m'), { kind: 'rate-limited', fault: 'limit', retryAfterMs: 600 * second })
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    grant('n')
    keyring.members.remove(gone)
    const next = add('next')
    expect(next.accountNumber).toBe(gone.accountNumber)
    expect(grant('m').key).toBe(next)
    expect(grant('n').key).toBe(next)
    expect(take('n')).toMatchObject({ code: 'all_keys_cooling' })
  })

  it('a call that ends after its account has left does not affect the account that reuses the number', () => {
    const { keyring, add, take, grant, settle } = keyringUnderTest({ limits: { models: { m: { RPM: 2 } } } })
    const gone = add('gone')
    const late = grant('m')
    keyring.members.remove(gone)
    const next = add('next')
    grant('m')
    settle(late, { kind: 'rate-limited', fault: 'limit' })
    expect(grant('m').key).toBe(next)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
  })

  it('an account number belongs to one account only', () => {
    const { keyring, add } = keyringUnderTest()
    const keys = ['a', 'b', 'c'].map((name) => add(name))
    keyring.members.remove(keys[1] ?? add('never'))
    const numbers = [...['d', 'e'].map((name) => add(name)), ...keys.filter((_, at) => at !== 1)]
    expect(new Set(numbers.map(({ accountNumber }) => accountNumber)).size).toBe(4)
    expect(accountNamed(keyring, 'account-of-d').number).toBe(keys[1]?.accountNumber)
  })
})

describe('the account index', () => {
  it('a recorded cooldown that was ended before its time counts no more', () => {
    const { keyring, add, take, grant, settle } = keyringUnderTest()
    const key = add('a')
    settle(grant('m'), { kind: 'rate-limited', fault: 'limit', retryAfterMs: 600 * second })
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    keyring.restore(key, { forgetCooldowns: true })
    expect(grant('m').key).toBe(key)
  })

  it('a recorded cooldown moves with a clock that is set back', () => {
    const { runtime, add, take, grant, settle } = keyringUnderTest()
    const key = add('a')
    settle(grant('m'), { kind: 'rate-limited', fault: 'limit', retryAfterMs: 60 * second })
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    runtime.shiftClock(-3_600 * second)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    runtime.advance(62 * second)
    expect(grant('m').key).toBe(key)
  })
})
