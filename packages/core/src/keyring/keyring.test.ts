import { describe, expect, it } from 'vitest'
import type { Key } from '../key/key.js'
import { statusOf } from '../key/key-view.js'
import type { Outcome } from '../outcome/outcome.js'
import { accountNamed, keyRequest, keyringUnderTest } from '../testing/keyring-under-test.js'

const second = 1_000
const minute = 60 * second
const halfHour = 30 * minute

const success: Outcome = { kind: 'success', status: 200 }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds' }
const wrongKey: Outcome = { kind: 'unauthorized', fault: 'key', message: 'Token is invalid.' }
const limit: Outcome = { kind: 'rate-limited', fault: 'limit', retryAfterMs: 10 * second }
const overload: Outcome = { kind: 'upstream-error', fault: 'overload' }
const dailyLimit: Outcome = { kind: 'rate-limited', fault: 'limit', meter: 'RPD', accountWide: true }

describe('an attempt that ends', () => {
  /** The outcome; then the status of the key, the account's cooldown on the model, and the events. */
  it.each<[string, Outcome, string, string | undefined, string[]]>([
    ['well', success, 'ready', undefined, []],
    ['with the client gone', { kind: 'aborted' }, 'ready', undefined, []],
    ['by the caller’s mistake', { kind: 'rejected', fault: 'caller' }, 'ready', undefined, []],
    ['with an unknown model', { kind: 'rejected', fault: 'model' }, 'ready', undefined, []],
    ['before it left', { kind: 'network-error', fault: 'network' }, 'ready', undefined, []],
    ['with a wrong key', wrongKey, 'invalid', undefined, ['key-invalid']],
    [
      'with a closed account',
      { kind: 'unauthorized', fault: 'disabled' },
      'invalid',
      undefined,
      ['key-invalid'],
    ],
    ['without money', noMoney, 'exhausted', undefined, ['key-exhausted']],
    [
      'without money, whatever the upstream says of its extent',
      { ...noMoney, accountWide: true },
      'exhausted',
      undefined,
      ['key-exhausted'],
    ],
    ['at a limit', limit, 'ready', 'rate-limited', ['key-cooldown']],
    ['at a limit of the whole account', dailyLimit, 'cooling', undefined, ['key-cooldown']],
    [
      'without permission',
      { kind: 'rejected', fault: 'permission' },
      'ready',
      'restricted',
      ['key-cooldown'],
    ],
    ['in overload', overload, 'ready', 'overload', ['key-cooldown']],
    [
      'at a blocked address',
      { kind: 'upstream-error', fault: 'ip-block' },
      'ready',
      'overload',
      ['key-cooldown'],
    ],
    [
      'by a reset',
      { kind: 'network-error', fault: 'network', maybeRan: true },
      'ready',
      'network',
      ['key-cooldown'],
    ],
    [
      'in silence',
      { kind: 'timeout', fault: 'network', maybeRan: true },
      'ready',
      'timeout',
      ['key-cooldown'],
    ],
    [
      'in the middle',
      { kind: 'truncated', fault: 'network', maybeRan: true },
      'ready',
      'truncated',
      ['key-cooldown'],
    ],
  ])('moves key and account by its outcome: it ended %s', (_name, outcome, status, cooldown, events) => {
    const { add, settle, grant, emitted } = keyringUnderTest()
    const key = add('a')
    settle(grant('m'), outcome)
    expect(statusOf(key)).toBe(status)
    expect(key.account.cooldowns.get('m')?.reason).toBe(cooldown)
    expect(emitted.map(([name]) => name)).toEqual(events)
    expect(key).toMatchObject({ inFlight: 0, requests: 1, successes: outcome === success ? 1 : 0 })
  })

  it('adds the tokens that it used to the key', () => {
    const { keyring, add, grant } = keyringUnderTest()
    const key = add('a')
    const usage = {
      promptTokens: 3,
      completionTokens: 4,
      totalTokens: 7,
      cachedTokens: 0,
      reasoningTokens: 0,
    }
    const figures = { usage, firstOutputMs: null }
    keyring.settle(grant(), success, figures)
    keyring.settle(grant(), { kind: 'truncated', fault: 'network' }, figures)
    expect(key).toMatchObject({ promptTokens: 6, completionTokens: 8 })
  })

  it('leaves every key as it was, even when it ends by the caller’s mistake twenty times', () => {
    const { add, settle, grant, emitted } = keyringUnderTest()
    const keys = [add('a'), add('b')]
    for (let call = 0; call < 20; call++)
      settle(grant('m'), { kind: 'rejected', fault: 'caller', status: 400 })
    expect(keys.map(statusOf)).toEqual(['ready', 'ready'])
    expect(emitted).toEqual([])
  })
})

describe('an explicit cooldown', () => {
  it('holds for all keys of the account on that model, and for no other model or account', () => {
    const { add, settle, take, grant } = keyringUnderTest()
    add('a', 'acme')
    add('b', 'acme')
    settle(grant('m'), limit)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    expect(grant('other').key.label).toBe('b')
    const other = add('c')
    expect(grant('m').key).toBe(other)
  })

  it('is over at its end, and a success then resets its strikes', () => {
    const { add, runtime, settle, take, emitted, grant } = keyringUnderTest()
    const { account } = add('a')
    settle(grant('m'), limit)
    const until = account.cooldowns.get('m')?.until ?? 0
    runtime.advance(until - runtime.now() - 1)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling', retryAfterMs: 1 })
    runtime.advance(1)
    settle(grant('m'), success)
    expect(account.cooldowns.size).toBe(0)
    expect(emitted.at(-1)).toEqual([
      'key-recovered',
      { keys: [...account.keys].map(({ id }) => id), model: 'm' },
    ])
  })

  it('is not ended by the success of a call that began before it', () => {
    const { add, runtime, settle, take, grant } = keyringUnderTest()
    add('a')
    const [earlier, refused] = [grant('m'), grant('m')]
    runtime.advance(second)
    settle(refused, limit)
    runtime.advance(second)
    settle(earlier, success)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
  })

  it('is not ended by a call that began before it, though an earlier cooldown was over by then', () => {
    const { add, runtime, settle, take, grant } = keyringUnderTest()
    add('a')
    const [failed, slow] = [grant('m'), grant('m')]
    settle(failed, overload)
    runtime.advance(minute)
    const later = grant('m')
    runtime.advance(second)
    settle(slow, limit)
    settle(later, success)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
  })

  it('is announced once, however many calls were under way', () => {
    const { add, settle, emitted, grant } = keyringUnderTest()
    add('a')
    const running = Array.from({ length: 10 }, () => grant('m'))
    for (const each of running) settle(each, { ...limit, retryAfterMs: 10 * second - running.indexOf(each) })
    // Chance may still lengthen it by a moment; the strikes stay.
    expect(emitted.length).toBeLessThan(5)
    expect(running[0]?.account.cooldowns.get('m')?.strikes).toBe(1)
  })
})

describe('an inferred cooldown', () => {
  it('lets other keys go first, and yields to a request that finds no other key', () => {
    const { add, settle, take, grant } = keyringUnderTest()
    const [a, b] = [add('a'), add('b')]
    settle(grant('m'), overload)
    expect(grant('m').key).toBe(b)
    expect(grant('m').key).toBe(b)
    expect(take('m', { tried: [b] })).toMatchObject({ code: 'all_keys_cooling' })
    expect(grant('m', { tried: [b], lastResorts: 1 }).key).toBe(a)
  })

  it('yields no more often than the last resorts of the request', () => {
    const { keyring, add, settle, grant } = keyringUnderTest()
    for (const name of ['a', 'b', 'c']) add(name)
    for (let call = 0; call < 3; call++) settle(grant('m'), overload)
    const request = keyRequest('m', { lastResorts: 2 })
    expect('key' in keyring.take(request)).toBe(true)
    expect('key' in keyring.take(request)).toBe(true)
    expect(keyring.take(request)).toMatchObject({ code: 'all_keys_cooling' })
  })

  it('is the only kind that yields: one that the upstream asked for does not', () => {
    const { add, settle, take, grant } = keyringUnderTest()
    add('a')
    settle(grant('m'), limit)
    expect(take('m', { lastResorts: 3 })).toMatchObject({ code: 'all_keys_cooling' })
  })
})

describe('the operator', () => {
  it('disables a key and enables it again, while running attempts end undisturbed', () => {
    const { keyring, add, settle, take, grant } = keyringUnderTest()
    const key = add('a')
    const running = grant()
    keyring.members.change(key, () => {
      key.enabled = false
    })
    expect(take()).toMatchObject({ code: 'no_keys' })
    settle(running, success)
    expect(take()).toMatchObject({ code: 'no_keys' })
    keyring.members.change(key, () => {
      key.enabled = true
    })
    expect(grant().key).toBe(key)
  })

  it('removes a key whose attempt still runs, and its outcome changes nothing', () => {
    const { keyring, add, settle, take, emitted, grant } = keyringUnderTest()
    const key = add('a')
    const running = grant('m')
    keyring.members.remove(key)
    const sameAgain = add('a')
    settle(running, wrongKey)
    expect(key.inFlight).toBe(0)
    expect(statusOf(sameAgain)).toBe('ready')
    expect(emitted).toEqual([])
    expect('key' in take('m') ? 1 : 0).toBe(1)
  })

  it('adds a key that is in the pool already without harm', () => {
    const { keyring, add, candidates } = keyringUnderTest()
    const key = add('a')
    add('a')
    expect(keyring.keys.size).toBe(1)
    expect([...candidates]).toEqual([key])
  })

  it('moves a key to an account that lacks money, and away again', () => {
    const { keyring, add, settle, take, grant } = keyringUnderTest()
    const [a, b] = [add('a', 'acme'), add('b', 'other')]
    const running = grant()
    expect(running.key).toBe(a)
    settle(grant(), noMoney)
    const accounts = { acme: a.account, other: b.account }
    keyring.members.change(a, () => Object.assign(a, { account: accounts.other }))
    expect(take()).toMatchObject({ code: 'all_keys_exhausted' })
    expect([...keyring.accounts.keys()]).toEqual(['other'])
    settle(running, success)
    expect(statusOf(a)).toBe('exhausted')
    keyring.members.change(a, () => Object.assign(a, { account: accountNamed(keyring, 'acme') }))
    expect(grant().key).toBe(a)
  })
})

describe('an attempt whose key was moved to another account meanwhile', () => {
  const moved = () => {
    const { keyring, add, settle, grant } = keyringUnderTest()
    const [a, b] = [add('a'), add('b')]
    const running = grant('m')
    keyring.members.change(a, () => Object.assign(a, { account: b.account }))
    return { a, b, end: (outcome: Outcome) => settle(running, outcome) }
  }

  it.each([noMoney, limit, overload, dailyLimit])('changes nothing of that account: %j', (outcome) => {
    const { a, b, end } = moved()
    end(outcome)
    expect([a, b].map(statusOf)).toEqual(['ready', 'ready'])
    expect(b.account.cooldowns.size).toBe(0)
  })

  it('still makes a refused key invalid', () => {
    const { a, b, end } = moved()
    end(wrongKey)
    expect([a, b].map(statusOf)).toEqual(['invalid', 'ready'])
  })
})

describe('a clock that is set back', () => {
  it('lengthens neither a cooldown on a model nor one of an account', () => {
    const { add, runtime, settle, take, grant } = keyringUnderTest()
    add('a')
    settle(grant('m'), limit)
    runtime.advance(8 * second)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    runtime.shiftClock(-8 * 60 * minute)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    runtime.advance(3 * second)
    settle(grant('m'), noMoney)
    runtime.shiftClock(-8 * 60 * minute)
    expect(take('m')).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: halfHour })
    runtime.advance(halfHour)
    expect(grant('m').account.health.status).toBe('probing')
  })
})

describe('accounts that turn out to be one', () => {
  it('keep their running cooldowns: of two on one model the later end', () => {
    const { add, keyring, runtime, settle, grant } = keyringUnderTest()
    const [a, b] = [add('a'), add('b')]
    for (const key of [a, b])
      keyring.members.change(key, () => {
        key.accountName = null
        key.account = keyring.members.accountFor(key)
      })
    const refuse = (key: Key, model: string, seconds: number): void =>
      settle(grant(model, { account: key.account.id }), {
        kind: 'rate-limited',
        fault: 'limit',
        retryAfterMs: seconds * 1_000,
      })
    refuse(a, 'm', 60)
    refuse(b, 'm', 30)
    refuse(b, 'n', 30)
    refuse(b, 'over', 1)
    runtime.advance(10_000)
    const ends = [a.account.cooldowns.get('m')?.until, b.account.cooldowns.get('n')?.until]
    keyring.members.recognise(a, 'upstream')
    keyring.members.recognise(b, 'upstream')
    expect(b.account).toBe(a.account)
    expect(Array.from(b.account.cooldowns.values(), ({ until }) => until)).toEqual(ends)
  })
})
