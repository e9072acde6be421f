import { describe, expect, it } from 'vitest'
import type { Health } from '../key/account-health.js'
import type { Cooldown, CooldownReason } from '../key/cooldown.js'
import type { KeyHealth } from '../key/key-health.js'
import { makeKey } from '../key/testing/make-key.js'
import { type Concurrency, unlimited } from '../limit/concurrency.js'
import type { NeededFunds } from '../money/funds.js'
import {
  activeCooldown,
  type IneligibleReason,
  ineligibleReasonOf,
  lacksFunds,
  reasonOfCooldown,
} from './key-eligibility.js'
import { makeGrant } from './testing/make-grant.js'

const now = 1_000_000
const invalid = { status: 'invalid', reason: 'refused', since: 0 } as const

describe('ineligibleReasonOf, by account', () => {
  it.each<[string, Health, boolean, IneligibleReason | undefined]>([
    ['ready', { status: 'ready' }, false, undefined],
    ['probing without a trial', { status: 'probing', after: 'cooling', strikes: 1 }, false, undefined],
    ['probing with a trial', { status: 'probing', after: 'cooling', strikes: 1 }, true, 'probing'],
    ['cooling', { status: 'cooling', until: now + 1, reason: 'quota', strikes: 1 }, false, 'cooling'],
    ['exhausted', { status: 'exhausted', until: now + 1, funds: 'any', strikes: 1 }, false, 'exhausted'],
    ['invalid', invalid, false, 'invalid'],
  ])(
    'a key whose account is %s, with %j and a trial running: %s, has the reason %s',
    (_name, health, isTried, reason) => {
      const key = makeKey('a')
      const { account } = key
      account.health = health
      account.trial = isTried ? makeGrant(key) : null
      expect(ineligibleReasonOf(key, unlimited)).toBe(reason)
    },
  )

  it('a disabled key is disabled even when its secret is invalid', () => {
    const key = makeKey('a')
    key.health = invalid
    expect(ineligibleReasonOf(key, unlimited)).toBe('invalid')
    key.enabled = false
    expect(ineligibleReasonOf(key, unlimited)).toBe('disabled')
  })
})

describe('ineligibleReasonOf, by secret', () => {
  const cooling = (trouble: 'refused' | 'failing'): KeyHealth => ({
    status: 'cooling',
    trouble,
    until: now + 1,
    reason: 'Forbidden',
    strikes: 1,
  })

  it.each<[string, KeyHealth, boolean, IneligibleReason | undefined]>([
    ['refused a moment ago', cooling('refused'), false, 'refused'],
    ['failing without a reason', cooling('failing'), false, 'failing'],
    ['probing without a trial', { status: 'probing', after: 'failing', strikes: 1 }, false, undefined],
    ['probing with a trial', { status: 'probing', after: 'refused', strikes: 1 }, true, 'probing'],
  ])(
    'a key whose secret is %s, with %j and a trial running: %s, has the reason %s',
    (_name, health, isTried, reason) => {
      const key = makeKey('a')
      key.health = health
      key.trial = isTried ? makeGrant(key) : null
      expect(ineligibleReasonOf(key, unlimited)).toBe(reason)
    },
  )

  it('a key that the key mode leaves out is unselected', () => {
    const key = Object.assign(makeKey('a'), { selected: false })
    expect(ineligibleReasonOf(key, unlimited)).toBe('unselected')
  })
})

describe('ineligibleReasonOf, by concurrency', () => {
  const limited = (limits: Partial<Concurrency>): Concurrency => ({ ...unlimited, ...limits })

  it('a key is busy when as many attempts run under it as may', () => {
    const key = Object.assign(makeKey('a'), { inFlight: 2 })
    expect(ineligibleReasonOf(key, limited({ key: 3 }))).toBeUndefined()
    expect(ineligibleReasonOf(key, limited({ key: 2 }))).toBe('busy')
  })

  it('every key of an account is busy when as many attempts run under the account as may', () => {
    const key = makeKey('a')
    const sibling = makeKey('b', key.account)
    key.account.inFlight = 4
    expect(ineligibleReasonOf(sibling, limited({ account: 4 }))).toBe('busy')
    expect(ineligibleReasonOf(sibling, limited({ account: 5 }))).toBeUndefined()
  })
})

describe('lacksFunds', () => {
  it.each<[Health, NeededFunds[]]>([
    [{ status: 'ready' }, []],
    [{ status: 'exhausted', until: now, funds: 'charged', strikes: 1 }, ['charged']],
    [{ status: 'exhausted', until: now, funds: 'any', strikes: 1 }, ['any', 'charged']],
    [{ status: 'exhausted', until: now, funds: 'all', strikes: 1 }, ['nothing', 'any', 'charged']],
    [{ status: 'probing', after: 'exhausted', funds: 'any', strikes: 1 }, []],
  ])('an account of health %j lacks the funds for models that need %j', (health, lacking) => {
    const key = makeKey('a')
    key.account.health = health
    const needs: NeededFunds[] = ['nothing', 'any', 'charged']
    expect(needs.filter((each) => lacksFunds(key, each))).toEqual(lacking)
  })

  it('a trial for charged money holds back only models that need it', () => {
    const key = makeKey('a')
    key.account.health = { status: 'probing', after: 'exhausted', funds: 'charged', strikes: 1 }
    key.account.trial = makeGrant(key)
    expect(lacksFunds(key, 'charged')).toBe(true)
    expect(lacksFunds(key, 'any')).toBe(false)
    expect(ineligibleReasonOf(key, unlimited)).toBeUndefined()
  })

  it('an account without charged money keeps its key in the rosters', () => {
    const key = makeKey('a')
    key.account.health = { status: 'exhausted', until: now, funds: 'charged', strikes: 1 }
    expect(ineligibleReasonOf(key, unlimited)).toBeUndefined()
  })
})

describe('a cooldown on a model', () => {
  const cooling = (reason: CooldownReason, until: number) => {
    const key = makeKey('a')
    const cooldown: Cooldown = { model: 'm', since: 0, until, reason, strikes: 1 }
    key.account.startCooldown(cooldown, now)
    return { key, cooldown }
  }

  it.each<[CooldownReason, 'cooling' | 'inferred-cooldown']>([
    ['rate-limited', 'cooling'],
    ['restricted', 'cooling'],
    ['overload', 'inferred-cooldown'],
    ['network', 'inferred-cooldown'],
    ['timeout', 'inferred-cooldown'],
    ['truncated', 'inferred-cooldown'],
  ])('a cooldown because of %s is told apart as %s', (reason, expected) => {
    expect(reasonOfCooldown(cooling(reason, now + 1).cooldown)).toBe(expected)
  })

  it('a cooldown holds for its model only', () => {
    const { key } = cooling('rate-limited', now + 1)
    expect(activeCooldown(key, 'other', now)).toBeUndefined()
    expect(activeCooldown(key, '', now)).toBeUndefined()
  })

  it('a cooldown holds until its end and not a millisecond longer', () => {
    const { key, cooldown } = cooling('rate-limited', now)
    expect(activeCooldown(key, 'm', now - 1)).toBe(cooldown)
    expect(activeCooldown(key, 'm', now)).toBeUndefined()
  })
})
