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
const bare: Outcome = { kind: 'rejected', fault: 'permission', status: 403 }
const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds' }
const closed: Outcome = { kind: 'unauthorized', fault: 'disabled', message: 'User expired.' }
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

describe('keys that fail alike at once', () => {
  it.each<[string, number, number]>([
    ['one of three', 3, 1],
    ['one of nineteen', 19, 1],
    ['two of twenty', 20, 2],
    ['ten of a hundred', 100, 10],
  ])('are not invalid beyond the share when they are refused: %s', (_what, count, most) => {
    const { keys, call, statuses, emitted } = pool(count)
    for (const key of keys) call(key, wrongKey)
    expect(statuses()).toEqual({ invalid: most, cooling: count - most })
    expect(emitted.filter(([name]) => name === 'key-invalid')).toHaveLength(most)
    for (const key of keys.slice(most)) {
      expect(key.health).toMatchObject({ status: 'cooling', trouble: 'refused', strikes: 1 })
    }
  })

  it('are all probed by free requests, and those that the upstream accepts come back by a live request', () => {
    const { keyring, keys, call, statuses, inTrouble, take, settle, grant } = pool(20)
    for (const key of keys) call(key, wrongKey)
    expect(inTrouble).toHaveLength(18)
    expect(take('m')).toMatchObject({ code: 'all_keys_invalid', retryAfterMs: minute })
    for (const id of inTrouble) keyring.settleProbe(keyring.keys.get(id) as Key, success)
    expect(statuses()).toEqual({ invalid: 2, probing: 18 })
    for (let trial = 0; trial < 18; trial++) settle(grant('m'), success)
    expect(statuses()).toEqual({ invalid: 2, ready: 18 })
  })

  it('cool down longer after each free request that is refused, while no key is accepted', () => {
    const { keyring, keys, call, statuses, runtime, inTrouble } = pool(20)
    for (const key of keys) call(key, wrongKey)
    const suspected = keys.filter(({ health: { status } }) => status === 'cooling')
    for (const cooldownMs of [10 * minute, 60 * minute, 60 * minute]) {
      for (const key of suspected) keyring.settleProbe(key, wrongKey)
      expect(suspected.map((key) => 'until' in key.health && key.health.until - runtime.now())).toEqual(
        suspected.map(() => cooldownMs),
      )
    }
    expect(statuses()).toEqual({ invalid: 2, cooling: 18 })
    expect(inTrouble.length).toBe(18 * 4)
  })

  it('are refused for good again, up to the share, after one of them was accepted', () => {
    const { keyring, keys, call, statuses, runtime } = pool(20)
    for (const key of keys) call(key, wrongKey)
    runtime.advance(minute)
    const suspected = keys.filter(({ health: { status } }) => status === 'cooling')
    keyring.settleProbe(suspected[0] as Key, success)
    for (const key of suspected.slice(1)) keyring.settleProbe(key, wrongKey)
    expect(statuses()).toEqual({ invalid: 4, probing: 1, cooling: 15 })
  })

  it('cool down for half an hour without money only up to the share', () => {
    const { keys, call, runtime, statuses } = pool(20)
    for (const key of keys) call(key, noMoney)
    const cooldowns = keys.map(
      ({ account }) => ('until' in account.health ? account.health.until : 0) - runtime.now(),
    )
    expect(cooldowns.filter((lengthMs) => lengthMs === 30 * minute)).toHaveLength(2)
    expect(cooldowns.filter((lengthMs) => lengthMs === minute)).toHaveLength(18)
    expect(statuses()).toEqual({ exhausted: 20 })
    runtime.advance(minute)
    for (const key of keys.slice(2)) call(key, success)
    expect(statuses()).toEqual({ exhausted: 2, ready: 18 })
  })

  it('are invalid by closed accounts only up to the share, and the others cool down for a minute', () => {
    const { keys, call, statuses, runtime } = pool(20)
    for (const key of keys) call(key, closed)
    expect(statuses()).toEqual({ invalid: 2, cooling: 18 })
    runtime.advance(minute)
    for (const key of keys.slice(2)) call(key, success)
    expect(statuses()).toEqual({ invalid: 2, ready: 18 })
  })

  it.each([
    ['with an overload', overload],
    ['at a limit', limit],
    ['in silence', { kind: 'timeout', fault: 'network', maybeRan: true } as const],
  ])(
    'stay ready when they fail %s: accounts cool down on the model, and on nothing else',
    (_what, outcome) => {
      const { keys, call, statuses, take } = pool(20)
      for (const key of keys) call(key, outcome)
      expect(statuses()).toEqual({ ready: 20 })
      expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
      expect('key' in take('other')).toBe(true)
    },
  )

  it('are invalid up to the share that the option allows: one, half, all', () => {
    for (const [maxEjected, most] of [
      [0, 1],
      [0.5, 10],
      [1, 20],
    ] as const) {
      const { keys, call, statuses } = pool(20, { maxEjected })
      for (const key of keys) call(key, wrongKey)
      expect(statuses().invalid).toBe(most)
    }
  })

  it('are counted by site: what one site refuses says nothing of another', () => {
    const { keys, call } = pool(20)
    for (const [index, key] of keys.entries()) key.site = index % 2 === 0 ? 'cn' : 'com'
    for (const key of keys) call(key, wrongKey)
    const invalid = keys.filter(({ health: { status } }) => status === 'invalid')
    expect(invalid.map(({ site }) => site).sort()).toEqual(['cn', 'cn', 'com', 'com'])
  })
})

describe('a key that is refused', () => {
  it('is invalid at once without a history', () => {
    const { keys, call, inTrouble } = pool(1)
    const [key] = keys as [Key]
    call(key, wrongKey)
    expect(key.health).toMatchObject({ status: 'invalid', reason: 'Token is invalid.' })
    expect(inTrouble).toEqual([])
  })

  it.each<[string, Outcome, string]>([
    ['accepted, so one live request tries it', success, 'probing'],
    ['refused, so it is invalid', wrongKey, 'invalid'],
    ['not answered, so it goes on cooling down', overload, 'cooling'],
  ])('is probed at once when it served until now; the probe is %s', (_what, answer, status) => {
    const { keyring, keys, call, inTrouble, runtime, emitted } = pool(2)
    const [key] = keys as [Key, Key]
    call(key, success)
    call(key, wrongKey)
    expect(key.health).toMatchObject({ status: 'cooling', trouble: 'refused', until: runtime.now() })
    expect(inTrouble).toEqual([key.id])
    keyring.settleProbe(key, answer)
    expect(statusOf(key)).toBe(status)
    expect(inTrouble).toHaveLength(status === 'cooling' ? 2 : 1)
    if (status !== 'probing') return
    call(key, success)
    expect(statusOf(key)).toBe('ready')
    expect(emitted.at(-1)).toEqual(['key-recovered', { keys: [key.id], model: null }])
  })

  it('is invalid after its trial, whatever it did before', () => {
    const { keyring, keys, call } = pool(1)
    const [key] = keys as [Key]
    call(key, success)
    call(key, wrongKey)
    keyring.settleProbe(key, success)
    call(key, wrongKey)
    expect(statusOf(key)).toBe('invalid')
  })

  it('is tried by one live request at a time, and other requests wait for it', () => {
    const { keyring, keys, call, settle, take, grant } = pool(1)
    const [key] = keys as [Key]
    call(key, success)
    call(key, wrongKey)
    keyring.settleProbe(key, success)
    const trial = grant('m')
    expect(take('other')).toMatchObject({ code: 'all_keys_cooling', isBusy: true })
    settle(trial, { kind: 'aborted' })
    expect(statusOf(key)).toBe('probing')
    settle(grant('m'), success)
    expect(statusOf(key)).toBe('ready')
  })

  it('is tried by a live request after its cooldown where probes are off', () => {
    const { keys, call, inTrouble, runtime, take } = pool(1, { probes: false, failureThreshold: 1 })
    const [key] = keys as [Key]
    call(key, bare)
    expect(inTrouble).toEqual([])
    runtime.advance(10 * minute)
    expect('key' in take('other')).toBe(true)
    expect(key.trial).not.toBeNull()
  })

  it('causes no event any more after it was removed', () => {
    const { keyring, keys, call, emitted } = pool(2)
    const [key] = keys as [Key, Key]
    call(key, success)
    call(key, wrongKey)
    keyring.members.remove(key)
    const before = emitted.length
    keyring.settleProbe(key, wrongKey)
    expect(emitted).toHaveLength(before)
    expect(keyring.keys.has(key.id)).toBe(false)
  })
})

describe('unexplained failures', () => {
  /** Models of their own, because the account cools down on each. */
  const failures = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `m${from + index}`)

  it('open the circuit of a key after five in a row, and a probe and a trial close it', () => {
    const { keyring, keys, call, inTrouble, emitted } = pool(2)
    const [key] = keys as [Key, Key]
    for (const model of failures(4)) call(key, bare, model)
    expect(key.health.status).toBe('ready')
    call(key, bare, 'm4')
    expect(key.health).toMatchObject({ status: 'cooling', trouble: 'failing', strikes: 1 })
    expect(inTrouble).toEqual([key.id])
    expect(emitted.at(-1)?.[0]).toBe('key-cooldown')
    keyring.settleProbe(key, success)
    call(key, success, 'm9')
    expect(key.health.status).toBe('ready')
    expect(key.consecutiveFailures).toBe(0)
  })

  it('are counted from the start after a success', () => {
    const { keys, call } = pool(1)
    const [key] = keys as [Key]
    for (const model of failures(4)) call(key, bare, model)
    call(key, success, 'fine')
    for (const model of failures(4, 4)) call(key, bare, model)
    expect(key.health.status).toBe('ready')
    call(key, bare, 'last')
    expect(key.health.status).toBe('cooling')
  })

  it('are neither counted nor reset by outcomes that have a reason', () => {
    const { keys, call } = pool(1)
    const [key] = keys as [Key]
    for (const model of failures(4)) call(key, bare, model)
    for (const outcome of [overload, limit, { ...bare, code: 30007 }, { kind: 'aborted' } as const])
      call(key, outcome, `other ${outcome.kind}`)
    expect(key.health.status).toBe('ready')
    expect(key.consecutiveFailures).toBe(4)
    call(key, bare, 'last')
    expect(key.health.status).toBe('cooling')
  })

  it('double the cooldown of the key when its trial is one of them', () => {
    const { keyring, keys, call, runtime } = pool(1)
    const [key] = keys as [Key]
    for (const model of failures(5)) call(key, bare, model)
    keyring.settleProbe(key, success)
    call(key, bare, 'trial')
    expect(key.health).toMatchObject({ status: 'cooling', until: runtime.now() + 20 * minute, strikes: 2 })
  })

  it('are forgotten when a person resets the key', () => {
    const { keyring, keys, call } = pool(1)
    const [key] = keys as [Key]
    for (const model of failures(4)) call(key, bare, model)
    keyring.restore(key, { key: { status: 'ready' }, account: { status: 'ready' }, forgetCooldowns: true })
    for (const model of failures(4)) call(key, bare, model)
    expect(key.health.status).toBe('ready')
  })
})

describe('money that comes back', () => {
  const known = (amount: string) => ({ amount, currency: 'CNY', source: 'known', at: 0 }) as const

  it('lets one request try the account at once', () => {
    const { keyring, keys, call, take, grant, settle } = pool(1)
    const [key] = keys as [Key]
    call(key, noMoney)
    expect(take('m')).toMatchObject({ code: 'all_keys_exhausted' })
    keyring.restore(key, { balance: known('12.50') })
    const trial = grant('m')
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    settle(trial, success)
    expect(statusOf(key)).toBe('ready')
  })

  it('is not found in a balance of nothing', () => {
    const { keyring, keys, call } = pool(1)
    const [key] = keys as [Key]
    call(key, noMoney)
    keyring.restore(key, { balance: known('-0.01') })
    expect(statusOf(key)).toBe('exhausted')
  })

  it('does not end the cooldown of a day on every model', () => {
    const { keys, grant, settle, take } = pool(1)
    const [key] = keys as [Key]
    const late = grant('m')
    settle(grant('m'), { kind: 'rate-limited', fault: 'limit', meter: 'RPD', accountWide: true })
    const until = key.account.health.status === 'cooling' ? key.account.health.until : 0
    settle(late, noMoney)
    expect(key.account.health).toMatchObject({ status: 'exhausted', until, funds: 'all' })
    expect(take('m', { isFree: true })).toMatchObject({ code: 'all_keys_exhausted' })
  })
})

describe('a key that is probed', () => {
  it('is ready and its account invalid when the upstream says that the account is closed', () => {
    const { keyring, keys, call, emitted } = pool(1)
    const [key] = keys as [Key]
    for (let count = 0; count < 5; count++) call(key, bare, `model ${count}`)
    expect(statusOf(key)).toBe('cooling')
    keyring.settleProbe(key, closed)
    expect(key.health).toEqual({ status: 'ready' })
    expect(key.account.health).toMatchObject({ status: 'invalid', reason: 'User expired.' })
    expect(emitted.at(-1)).toEqual(['key-invalid', { keys: [key.id], reason: 'User expired.' }])
  })

  it('ignores a probe that is answered after a person has reset it', () => {
    const { keyring, keys, call } = pool(1)
    const [key] = keys as [Key]
    for (let count = 0; count < 5; count++) call(key, bare, `model ${count}`)
    keyring.restore(key, { key: { status: 'ready' } })
    keyring.settleProbe(key, closed)
    expect(statusOf(key)).toBe('ready')
  })
})
