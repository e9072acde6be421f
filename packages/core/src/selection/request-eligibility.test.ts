import { describe, expect, it } from 'vitest'
import type { Health } from '../key/account-health.js'
import type { Key } from '../key/key.js'
import type { KeyHealth } from '../key/key-health.js'
import { makeKey } from '../key/testing/make-key.js'
import { unlimited } from '../limit/concurrency.js'
import { Pacing } from '../limit/pacing.js'
import { Quota } from '../limit/quota.js'
import type { NeededFunds } from '../money/funds.js'
import {
  type Eligibility,
  eligibilityOf,
  type PoolLimits,
  type RequestSnapshot,
} from './request-eligibility.js'
import { ModelAccess } from './rules.js'
import { makeGrant } from './testing/make-grant.js'

const now = 1_000_000
const soon = now + 5_000

const requestOf = (more: Partial<RequestSnapshot> = {}, needs: NeededFunds = 'any'): RequestSnapshot => ({
  model: 'm',
  now,
  demand: { tokens: 10, images: 0 },
  tried: null,
  account: null,
  access: undefined,
  needsOn: () => needs,
  ...more,
})
const limitsOf = (more: Partial<PoolLimits> = {}): PoolLimits => ({
  concurrency: unlimited,
  pacing: null,
  ...more,
})

const exhausted = (funds: 'charged' | 'any' | 'all'): Health => ({
  status: 'exhausted',
  until: soon,
  funds,
  strikes: 1,
})
const trying = (funds: 'charged' | 'any' | 'all'): Health => ({
  status: 'probing',
  after: 'exhausted',
  funds,
  strikes: 1,
})

interface Circumstances {
  readonly account?: Health
  readonly own?: KeyHealth
  readonly needs?: NeededFunds
  readonly isTried?: boolean
}

/** Returns the eligibility of a key in those circumstances, for a model that needs such money. */
function eligibility(
  { account, own, needs = 'any', isTried = false }: Circumstances,
  limits = limitsOf(),
): Eligibility {
  const key = makeKey('a')
  if (account !== undefined) key.account.health = account
  if (own !== undefined) key.health = own
  if (isTried) key.account.trial = makeGrant(key)
  return eligibilityOf(key, requestOf({}, needs), limits)
}

describe('eligibilityOf', () => {
  it.each<[string, Circumstances, Eligibility['why'], number | null, string | null]>([
    ['nothing in the way', {}, null, null, null],
    [
      'an invalid account',
      { account: { status: 'invalid', reason: 'User expired.', since: 0 } },
      'invalid',
      null,
      'User expired.',
    ],
    [
      'an invalid secret',
      { own: { status: 'invalid', reason: 'Token is invalid.', since: 0 } },
      'invalid',
      null,
      'Token is invalid.',
    ],
    [
      'a secret that was refused',
      {
        own: { status: 'cooling', trouble: 'refused', until: soon, reason: 'Token is invalid.', strikes: 1 },
      },
      'refused',
      soon,
      'Token is invalid.',
    ],
    [
      'a secret that fails',
      { own: { status: 'cooling', trouble: 'failing', until: soon, reason: 'Forbidden', strikes: 1 } },
      'failing',
      soon,
      'Forbidden',
    ],
    [
      'a cooldown of the account',
      { account: { status: 'cooling', until: soon, reason: 'daily quota', strikes: 1 } },
      'cooling',
      soon,
      'daily quota',
    ],
    ['no money', { account: exhausted('any') }, 'exhausted', soon, 'no balance'],
    ['no money, for a free model', { account: exhausted('any'), needs: 'nothing' }, null, null, null],
    [
      'no money even for what is free',
      { account: exhausted('all'), needs: 'nothing' },
      'exhausted',
      soon,
      'no balance',
    ],
    [
      'no charged money, for a model that needs it',
      { account: exhausted('charged'), needs: 'charged' },
      'exhausted',
      soon,
      'no charged balance',
    ],
    ['no charged money, for any other', { account: exhausted('charged') }, null, null, null],
    ['a trial for money', { account: trying('any'), isTried: true }, 'probing', null, null],
    [
      'a trial for money, for a free model',
      { account: trying('any'), isTried: true, needs: 'nothing' },
      null,
      null,
      null,
    ],
    [
      'a trial for charged money',
      { account: trying('charged'), isTried: true, needs: 'charged' },
      'probing',
      null,
      null,
    ],
    [
      'a trial for charged money, for any other',
      { account: trying('charged'), isTried: true },
      null,
      null,
      null,
    ],
    ['a trial to come', { account: trying('any') }, null, null, null],
    [
      'a trial after a cooldown',
      { account: { status: 'probing', after: 'cooling', strikes: 1 }, isTried: true, needs: 'nothing' },
      'probing',
      null,
      null,
    ],
  ])('a key with %s, which is %j, has the reason %s', (_name, circumstances, why, until, detail) => {
    expect(eligibility(circumstances)).toEqual({ why, until, detail })
  })

  it.each<[string, Eligibility['why'], (key: Key) => Partial<RequestSnapshot>]>([
    ['another account is asked for', 'other-account', () => ({ account: 'elsewhere' })],
    ['its own account is asked for', null, ({ account }) => ({ account: account.id })],
    [
      'the rules of the model leave it out',
      'not-allowed',
      () => ({ access: new ModelAccess({ allow: ['b'] }) }),
    ],
    ['the rules of the model name it', null, () => ({ access: new ModelAccess({ allow: ['a'] }) })],
    ['it was tried already', 'tried', (key) => ({ tried: new Set([key]) })],
    ['other keys were tried', null, () => ({ tried: new Set([makeKey('b')]) })],
  ])('when %s, the reason of a key is %s', (_name, why, more) => {
    const key = makeKey('a')
    expect(eligibilityOf(key, requestOf(more(key)), limitsOf())).toMatchObject({ why, until: null })
  })

  it('a key is ineligible when the operator or the key mode leaves it out', () => {
    expect(eligibilityOf(Object.assign(makeKey('a'), { enabled: false }), requestOf(), limitsOf()).why).toBe(
      'disabled',
    )
    expect(eligibilityOf(Object.assign(makeKey('a'), { selected: false }), requestOf(), limitsOf()).why).toBe(
      'unselected',
    )
  })

  it('a key is busy whether its account has money or not', () => {
    const limits = limitsOf({ concurrency: { ...unlimited, key: 1 } })
    for (const health of [undefined, exhausted('any')]) {
      const key = Object.assign(makeKey('a'), { inFlight: 1 })
      if (health !== undefined) key.account.health = health
      expect(eligibilityOf(key, requestOf({}, 'nothing'), limits).why).toBe('busy')
    }
  })

  it('a key is paced while the pacing window belongs to other keys', () => {
    const pacing = new Pacing<Key>({ inFlight: 1, keys: 1, windowMs: 60_000 })
    const chosen = makeKey('b')
    pacing.begin(chosen, now - 10_000)
    expect(eligibilityOf(makeKey('a'), requestOf(), limitsOf({ pacing }))).toEqual({
      why: 'paced',
      until: now + 50_000,
      detail: null,
    })
    expect(eligibilityOf(chosen, requestOf(), limitsOf({ pacing })).why).toBeNull()
  })

  it.each([
    ['rate-limited', 'cooling'],
    ['restricted', 'cooling'],
    ['overload', 'inferred-cooldown'],
    ['network', 'inferred-cooldown'],
  ] as const)('a key is ineligible while its account cools down on the model: %s as %s', (reason, why) => {
    const key = makeKey('a')
    key.account.startCooldown(
      { model: 'm', since: now - 1, until: soon, reason, strikes: 1, meter: 'RPM' },
      now,
    )
    expect(eligibilityOf(key, requestOf(), limitsOf())).toEqual({
      why,
      until: soon,
      detail: `${reason} (RPM)`,
    })
    expect(eligibilityOf(key, requestOf({ model: 'other' }), limitsOf()).why).toBeNull()
    expect(eligibilityOf(key, requestOf({ now: soon }), limitsOf()).why).toBeNull()
  })

  it('a key is limited until one more request fits, and without end when the request is too large', () => {
    const key = makeKey('a')
    const quota = new Quota({ limits: { TPM: 100 }, learns: false, dayOffsetMs: 0 })
    key.account.keepQuota('m', quota)
    quota.reserve({ tokens: 95, images: 0 }, now)
    expect(eligibilityOf(key, requestOf(), limitsOf())).toMatchObject({ why: 'limited', until: now + 60_250 })
    const large = requestOf({ demand: { tokens: 101, images: 0 } })
    expect(eligibilityOf(key, large, limitsOf())).toMatchObject({ why: 'limited', until: null })
    expect(eligibilityOf(key, requestOf({ demand: { tokens: 5, images: 0 } }), limitsOf()).why).toBeNull()
  })

  it('a key that cools down and has used up a limit is ineligible until the later end', () => {
    const key = makeKey('a')
    const quota = new Quota({ limits: { TPM: 100 }, learns: false, dayOffsetMs: 0 })
    key.account.keepQuota('m', quota)
    quota.reserve({ tokens: 95, images: 0 }, now)
    const cooldown = { model: 'm', since: now - 1, until: soon, strikes: 1 }
    key.account.startCooldown({ ...cooldown, reason: 'rate-limited' }, now)
    expect(eligibilityOf(key, requestOf(), limitsOf())).toMatchObject({ why: 'cooling', until: now + 60_250 })
    expect(eligibilityOf(key, requestOf({ demand: { tokens: 5, images: 0 } }), limitsOf()).until).toBe(soon)
    const large = requestOf({ demand: { tokens: 101, images: 0 } })
    expect(eligibilityOf(key, large, limitsOf())).toMatchObject({ why: 'limited', until: null })
    key.account.startCooldown({ ...cooldown, reason: 'overload' }, now)
    expect(eligibilityOf(key, requestOf(), limitsOf())).toMatchObject({ why: 'limited', until: now + 60_250 })
  })
})
