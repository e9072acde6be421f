import { describe, expect, it } from 'vitest'
import type { Key } from '../key/key.js'
import { statusOf } from '../key/key-view.js'
import type { Outcome } from '../outcome/outcome.js'
import { keyringUnderTest } from '../testing/keyring-under-test.js'
import type { HealthOptions } from './health-options.js'

const minute = 60_000
const second = 1_000

const success: Outcome = { kind: 'success', status: 200 }
const wrongKey: Outcome = { kind: 'unauthorized', fault: 'key', message: 'Token is invalid.' }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds' }
const overload: Outcome = { kind: 'upstream-error', fault: 'overload', status: 503 }
const limit: Outcome = { kind: 'rate-limited', fault: 'limit', retryAfterMs: 7 * second }

const health = (more: Partial<Required<HealthOptions>> = {}) => ({
  failureThreshold: 5,
  maxEjected: 0.1,
  probes: true,
  ...more,
})

/** So many keys, each of an account of its own; `call` makes one attempt under one of them. */
function pool(count: number, options: Partial<Required<HealthOptions>> = {}) {
  const under = keyringUnderTest({ health: health(options) })
  const keys = Array.from({ length: count }, (_, index) => under.add(`k${index}`))
  const call = (key: Key, outcome: Outcome, model = 'm'): void =>
    under.settle(under.grant(model, { account: key.account.id, lastResorts: 1 }), outcome)
  const statuses = (): Record<string, number> => {
    const counts: Record<string, number> = {}
    for (const key of keys) counts[statusOf(key)] = (counts[statusOf(key)] ?? 0) + 1
    return counts
  }
  return { ...under, keys, call, statuses }
}

describe('a storm on one model', () => {
  const network: Outcome = { kind: 'network-error', fault: 'network', maybeRan: true }
  const unnamed: Outcome = { kind: 'rate-limited', fault: 'limit', meter: 'TPM' }

  /** Keys whose accounts cool down on the model now. */
  const cooling = ({ keys, runtime }: ReturnType<typeof pool>): number =>
    keys.filter(({ account }) => (account.cooldowns.get('m')?.until ?? 0) > runtime.now()).length

  it.each([
    ['overload', overload],
    ['broken connections', network],
  ])('of %s is over for all accounts with the first success of one', (_what, outcome) => {
    const under = pool(20)
    for (const key of under.keys) under.call(key, outcome)
    const before = cooling(under)
    under.runtime.advance(1)
    under.settle(under.grant('m', { lastResorts: 1 }), success)
    expect([before, cooling(under)]).toEqual([20, 0])
  })

  it('of 429s that name no time is over likewise, but for the tenth that is believed', () => {
    const under = pool(20)
    const { keys, call, runtime, settle, take } = under
    for (const key of keys) call(key, unnamed)
    expect(cooling(under)).toBe(20)
    // The tenth of the accounts that is believed shows nothing of the others.
    const isDoubted = ({ account }: Key): boolean => account.cooldowns.get('m')?.isDoubted === true
    for (let seconds = 0; seconds < 40; seconds++, runtime.advance(second)) {
      const taken = take('m')
      if (taken.kind === 'refusal') continue
      const wasDoubted = isDoubted(taken.key)
      settle(taken, wasDoubted ? success : { kind: 'aborted' })
      if (wasDoubted) break
    }
    expect(cooling(under)).toBe(0)
  })

  it('is over as soon as a stream has its first output', () => {
    const under = pool(20)
    for (const key of under.keys) under.call(key, overload)
    under.runtime.advance(1)
    under.keyring.answered(under.grant('m', { lastResorts: 1 }))
    expect(cooling(under)).toBe(0)
  })

  it('leaves cooldowns that the upstream asked for, and verdicts on keys and money', () => {
    const under = pool(20)
    const { keys, call, runtime, settle, grant, statuses } = under
    call(keys[0] as Key, { ...limit, retryAfterMs: 5 * minute })
    call(keys[1] as Key, wrongKey)
    call(keys[2] as Key, noMoney)
    for (const key of keys.slice(3)) call(key, overload)
    runtime.advance(1)
    settle(grant('m', { lastResorts: 1 }), success)
    expect(cooling(under)).toBe(1)
    expect(statuses()).toEqual({ ready: 18, invalid: 1, exhausted: 1 })
  })

  it('leaves the cooldowns of other models', () => {
    const under = pool(20)
    const { keys, call, runtime, settle, grant } = under
    for (const key of keys) call(key, overload)
    for (const key of keys) call(key, overload, 'other')
    runtime.advance(1)
    settle(grant('other', { lastResorts: 1 }), success)
    expect(cooling(under)).toBe(20)
  })

  it('is not ended by a call that began before it', () => {
    const under = pool(20)
    const { keys, call, runtime, settle, grant } = under
    const early = grant('m')
    runtime.advance(1)
    for (const key of keys) if (key !== early.key) call(key, overload)
    runtime.advance(1)
    settle(early, success)
    expect(cooling(under)).toBe(19)
  })

  it('is none where one account fails while others serve: its cooldown stays', () => {
    const under = pool(20)
    const { keys, call, runtime } = under
    call(keys[0] as Key, overload)
    runtime.advance(1)
    for (const key of keys.slice(1)) call(key, success)
    expect(cooling(under)).toBe(1)
  })
})
