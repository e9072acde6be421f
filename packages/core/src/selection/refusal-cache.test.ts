import { describe, expect, it } from 'vitest'
import { Pacing } from '../limit/pacing.js'
import type { Outcome } from '../outcome/outcome.js'
import { roundRobin } from '../strategy/round-robin.js'
import type { Strategy } from '../strategy/strategy.js'
import { accountNamed, keyringUnderTest } from '../testing/keyring-under-test.js'

const second = 1_000
const minute = 60 * second

const success: Outcome = { kind: 'success' }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds' }
const limit: Outcome = { kind: 'rate-limited', fault: 'limit', retryAfterMs: 20 * second }
const overload: Outcome = { kind: 'upstream-error', fault: 'overload' }

/** Makes a round robin that counts its picks: each one that finds no key has looked at every key. */
function counting(): { strategy: Strategy; looks: () => number } {
  const inner = roundRobin()
  let looks = 0
  return {
    looks: () => looks,
    strategy: {
      add: (candidate) => inner.add(candidate),
      remove: (candidate) => inner.remove(candidate),
      pick(accepts, request) {
        looks++
        return inner.pick(accepts, request)
      },
    },
  }
}

/** Makes a keyring that counts how often keys were looked at; its requests have a last resort, as those of clients. */
function watched(options: Parameters<typeof keyringUnderTest>[0] = {}) {
  const { strategy, looks } = counting()
  const under = keyringUnderTest({ ...options, strategy })
  const asked = { lastResorts: 1 }
  return {
    ...under,
    looks,
    ask: (model = 'm', more = {}) => under.take(model, { ...asked, ...more }),
    /** Whether the next request for the model makes the pool look again. */
    looksAgain(model = 'm', more = {}): boolean {
      const before = looks()
      under.take(model, { ...asked, ...more })
      return looks() > before
    },
  }
}

describe('RefusalCache', () => {
  it('a refusal is found once, however many requests follow, while nothing changes', () => {
    const { add, ask, looks, settle, grant } = watched()
    for (const name of ['a', 'b', 'c']) add(name)
    for (let call = 0; call < 3; call++) settle(grant('m'), limit)
    const refusal = ask()
    const before = looks()
    for (let call = 0; call < 1_000; call++) expect(ask()).toEqual(refusal)
    expect(looks()).toBe(before)
  })

  it('a refusal of free requests is remembered apart from that of others', () => {
    const { add, looks, ask, settle, grant } = watched()
    for (const name of ['a', 'b', 'c']) add(name)
    for (let call = 0; call < 3; call++) settle(grant('m'), limit)
    ask('m', { isFree: true })
    const before = looks()
    for (let call = 0; call < 50; call++) ask('m', { isFree: true })
    expect(looks()).toBe(before)
  })

  it('a remembered refusal names what is left of its time', () => {
    const { add, ask, runtime, settle, grant } = watched()
    add('a')
    settle(grant('m'), limit)
    const first = ask()
    runtime.advance(5 * second)
    const then = ask()
    if (first.kind === 'grant' || then.kind === 'grant') throw new Error('a key served')
    expect(then.freeAt).toBe(first.freeAt)
    expect(then.retryAfterMs).toBe((first.retryAfterMs ?? 0) - 5 * second)
  })

  it('a refusal for one model says nothing of another', () => {
    const { add, ask, settle, grant } = watched()
    add('a')
    settle(grant('m'), limit)
    ask()
    expect(ask('other').kind).toBe('grant')
    expect(ask().kind).toBe('refusal')
  })

  it('a request that is bound, repeated or free is not answered by the refusal of another', () => {
    const { add, ask, settle, grant } = watched({ catalogue: { 'free/*': { free: true } } })
    const a = add('a', 'acme')
    settle(grant('m', { account: 'acme' }), noMoney)
    expect(ask('free/m', { account: 'elsewhere' }).kind).toBe('refusal')
    expect(ask('free/m', { tried: [a] }).kind).toBe('refusal')
    expect(ask('m').kind).toBe('refusal')
    expect(ask('m', { isFree: true }).kind).toBe('grant')
    expect(ask('free/m').kind).toBe('grant')
  })
})

describe('the end of a cached refusal', () => {
  it('a cached refusal ends with the cooldown, not a moment before', () => {
    const { add, ask, looksAgain, runtime, settle, grant } = watched()
    const { account } = add('a')
    settle(grant('m'), limit)
    ask()
    runtime.advance((account.cooldowns.get('m')?.until ?? 0) - runtime.now() - 1)
    expect(looksAgain()).toBe(false)
    runtime.advance(1)
    expect(ask().kind).toBe('grant')
  })

  it('a cached refusal ends with an inferred cooldown', () => {
    const { add, ask, runtime, settle, grant } = watched()
    const { account } = add('a')
    settle(grant('m'), overload)
    expect(ask('m', { lastResorts: 0 }).kind).toBe('refusal')
    expect(ask('m').kind).toBe('grant')
    expect(account.cooldowns.has('m')).toBe(true)
    runtime.advance(minute)
    expect(ask('m', { lastResorts: 0 }).kind).toBe('grant')
  })

  it('a cached refusal ends with the window of a limit', () => {
    const { add, ask, looksAgain, runtime, grant } = watched({ limits: { models: { m: { RPM: 1 } } } })
    add('a')
    grant('m')
    ask()
    expect(looksAgain()).toBe(false)
    runtime.advance(minute + 250)
    expect(ask().kind).toBe('grant')
  })

  it('a cached refusal ends when a call used less than it had reserved', () => {
    const { add, ask, settle, grant } = watched({ limits: { models: { m: { TPM: 1_000 } } } })
    add('a')
    const running = grant('m', { promptTokens: 1_000, maxOutput: 0 })
    expect(ask('m', { promptTokens: 10, maxOutput: 0 }).kind).toBe('refusal')
    const usage = {
      promptTokens: 5,
      completionTokens: 0,
      totalTokens: 5,
      cachedTokens: 0,
      reasoningTokens: 0,
    }
    settle(running, success, { usage })
    expect(ask('m', { promptTokens: 10, maxOutput: 0 }).kind).toBe('grant')
  })

  it.each([
    ['of the key', { key: 1, account: 9, pool: 9 }],
    ['of the account', { key: 9, account: 1, pool: 9 }],
    ['of the pool', { key: 9, account: 9, pool: 1 }],
  ])(
    'a cached refusal ends with a call that had the last place %s, whatever its model',
    (_name, concurrency) => {
      for (const end of ['settled', 'lost'] as const) {
        const { add, ask, keyring, settle, grant } = watched({ concurrency })
        add('a')
        const running = grant('other')
        expect(ask()).toMatchObject({ code: 'queue_full', isBusy: true })
        expect(ask()).toMatchObject({ code: 'queue_full', isBusy: true })
        if (end === 'settled') settle(running, success)
        else keyring.release(running)
        expect(ask().kind).toBe('grant')
      }
    },
  )

  it('a cached refusal ends with the pacing window', () => {
    const pacing = new Pacing<never>({ inFlight: 9, keys: 1, windowMs: minute })
    const { add, ask, runtime, settle, grant } = watched({ pacing: pacing as never })
    add('a')
    add('b')
    const { key } = grant('m')
    settle(grant('m'), { kind: 'unauthorized', fault: 'key' })
    expect(ask()).toMatchObject({ code: 'all_keys_cooling', retryAfterMs: minute })
    runtime.advance(minute)
    const next = ask()
    expect(next.kind === 'grant' && next.key !== key).toBe(true)
  })

  it('a cached refusal ends when an account has cooled down', () => {
    const { add, ask, looksAgain, runtime, settle, grant } = watched()
    add('a')
    settle(grant('m'), noMoney)
    ask()
    runtime.advance(30 * minute - 1)
    expect(looksAgain()).toBe(false)
    runtime.advance(1)
    expect(ask().kind).toBe('grant')
  })

  it('a cached refusal ends when a key has cooled down that is not probed', () => {
    const health = { failureThreshold: 1, maxEjected: 1, probes: false }
    const { add, ask, runtime, settle, grant } = watched({ health })
    add('a')
    settle(grant('m'), { kind: 'rejected', fault: 'permission' })
    expect(ask()).toMatchObject({ code: 'all_keys_invalid', retryAfterMs: 10 * minute })
    runtime.advance(10 * minute)
    expect(ask('other').kind).toBe('grant')
  })

  it('a cached refusal ends when a probe finds a key to be good', () => {
    const { add, ask, keyring, settle, grant } = watched({
      health: { failureThreshold: 5, maxEjected: 0, probes: true },
    })
    const [a, b] = [add('a'), add('b')]
    for (const key of [a, b])
      settle(grant('m', { tried: key === a ? [b] : [a] }), { kind: 'unauthorized', fault: 'key' })
    expect(ask()).toMatchObject({ code: 'all_keys_invalid' })
    expect(ask()).toMatchObject({ code: 'all_keys_invalid' })
    keyring.settleProbe(b, success)
    const taken = ask()
    expect(taken.kind === 'grant' && taken.key).toBe(b)
  })

  it('a cached refusal ends with a trial, whether it succeeds or is given back', () => {
    for (const outcome of [success, { kind: 'aborted' } as const]) {
      const { add, ask, runtime, settle, grant } = watched()
      add('a')
      settle(grant('m'), noMoney)
      runtime.advance(30 * minute)
      const trial = grant('other')
      expect(ask()).toMatchObject({ code: 'all_keys_cooling', isBusy: true })
      settle(trial, outcome)
      expect(ask().kind).toBe('grant')
    }
  })

  it('a success that began before an explicit cooldown does not end the refusal', () => {
    const { add, ask, settle, grant, runtime } = watched()
    add('a')
    settle(grant('m'), overload)
    runtime.advance(1)
    const trying = grant('m', { lastResorts: 1 })
    settle(grant('m', { lastResorts: 1 }), limit)
    ask()
    settle(trying, success)
    expect(ask().kind).toBe('refusal')
  })

  it.each<[string, (under: ReturnType<typeof watched>) => void]>([
    ['a key that is added', ({ add }) => void add('new')],
    [
      'a key that is enabled',
      ({ keyring }) => {
        for (const key of keyring.keys.values())
          if (!key.enabled) keyring.members.change(key, () => Object.assign(key, { enabled: true }))
      },
    ],
    [
      'a key that is reset',
      ({ keyring }) => {
        for (const key of keyring.keys.values())
          if (key.enabled)
            keyring.restore(key, {
              key: { status: 'ready' },
              account: { status: 'ready' },
              forgetCooldowns: true,
            })
      },
    ],
    [
      'a key that moves to another account',
      ({ keyring }) => {
        const [key] = keyring.keys.values()
        if (key !== undefined)
          keyring.members.change(key, () => Object.assign(key, { account: accountNamed(keyring, 'fresh') }))
      },
    ],
    ['a clock that is set forth', ({ runtime }) => runtime.shiftClock(minute)],
  ])('a cached refusal ends with %s', (_name, act) => {
    const under = watched()
    const { add, ask, keyring, settle, grant } = under
    add('a')
    const spare = add('b')
    keyring.members.change(spare, () => Object.assign(spare, { enabled: false }))
    settle(grant('m'), limit)
    ask()
    expect(under.looksAgain()).toBe(false)
    act(under)
    expect(ask().kind).toBe('grant')
  })

  it('a cached refusal ends with another key mode', () => {
    const { add, ask, keyring } = watched()
    add('a')
    add('b')
    keyring.members.select('single', ['a'])
    const taken = ask()
    keyring.members.select('single', ['no-such-key'])
    expect(ask()).toMatchObject({ code: 'no_keys' })
    expect(ask()).toMatchObject({ code: 'no_keys' })
    keyring.members.select('single', ['b'])
    const next = ask()
    expect([taken, next].map((grant) => grant.kind === 'grant' && grant.key.label)).toEqual(['a', 'b'])
  })

  it('a cached refusal ends when the clock is set back, and the cooldowns with it', () => {
    const { add, ask, runtime, settle, grant } = watched()
    add('a')
    settle(grant('m'), noMoney)
    ask()
    runtime.advance(10 * minute)
    // There is no other clock: what passed before the jump must have been seen.
    ask()
    runtime.shiftClock(-60 * minute)
    expect(ask()).toMatchObject({ code: 'all_keys_exhausted', retryAfterMs: 20 * minute })
    runtime.advance(20 * minute)
    expect(ask().kind).toBe('grant')
  })

  it.each([true, false])(
    'a cached refusal ends when the clock is set back while a key cools down, probed: %s',
    (probes) => {
      const health = { failureThreshold: 1, maxEjected: 1, probes }
      const { add, ask, runtime, settle, grant } = watched({ health })
      const key = add('a')
      settle(grant('m'), { kind: 'rejected', fault: 'permission' })
      ask()
      runtime.shiftClock(-60 * minute)
      expect(ask()).toMatchObject({ code: 'all_keys_invalid', retryAfterMs: 10 * minute })
      runtime.advance(10 * minute)
      ask('other')
      expect(key.health.status).toBe(probes ? 'cooling' : 'probing')
    },
  )
})

describe('100,000 keys that all cool down on one model', () => {
  it('100,000 cooling keys refuse a thousand requests after one look at them', () => {
    const { add, ask, looks, settle, grant } = watched()
    const count = 100_000
    for (let index = 0; index < count; index++) add(`key${index}`, `account${index % 1_000}`)
    // A thousand accounts of a hundred keys each: one refusal cools down all keys of an account.
    for (let index = 0; index < 1_000; index++) settle(grant('m'), limit)
    const before = looks()
    for (let call = 0; call < 1_000; call++) expect(ask()).toMatchObject({ code: 'all_keys_cooling' })
    expect(looks() - before).toBeLessThanOrEqual(2)
    expect(ask('other').kind).toBe('grant')
  })
})
