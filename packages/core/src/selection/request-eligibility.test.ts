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
import { makeTurn } from './testing/make-grant.js'

const now = 1_000_000
const soon = now + 5_000

const ask = (more: Partial<RequestSnapshot> = {}, needs: NeededFunds = 'any'): RequestSnapshot => ({
  model: 'm',
  now,
  demand: { tokens: 10, images: 0 },
  tried: null,
  account: null,
  access: undefined,
  needsOn: () => needs,
  ...more,
})
const house = (more: Partial<PoolLimits> = {}): PoolLimits => ({
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

/** Of a key in those circumstances, for a model that needs such money. */
function eligibility(
  { account, own, needs = 'any', isTried = false }: Circumstances,
  rules = house(),
): Eligibility {
  const key = makeKey('a')
  if (account !== undefined) key.account.health = account
  if (own !== undefined) key.health = own
  if (isTried) key.account.trial = makeTurn(key)
  return eligibilityOf(key, ask({}, needs), rules)
}

describe('how a key stands to a request', () => {
  it.each<[string, Circumstances, Eligibility['why'], number | null, string | null]>([
    ['nothing', {}, null, null, null],
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
      'a secret that is asked about',
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
      'a rest of the account',
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
      'a trial after a rest',
      { account: { status: 'probing', after: 'cooling', strikes: 1 }, isTried: true, needs: 'nothing' },
      'probing',
      null,
      null,
    ],
  ])('%s', (_name, circumstances, why, until, detail) => {
    expect(eligibility(circumstances)).toEqual({ why, until, detail })
  })

  it.each<[string, (key: Key) => Partial<RequestSnapshot>, Eligibility['why']]>([
    ['another account is asked for', () => ({ account: 'elsewhere' }), 'other-account'],
    ['its own is asked for', ({ account }) => ({ account: account.id }), null],
    [
      'the rules of the model leave it out',
      () => ({ access: new ModelAccess({ allow: ['b'] }) }),
      'not-allowed',
    ],
    ['the rules of the model name it', () => ({ access: new ModelAccess({ allow: ['a'] }) }), null],
    ['it was tried already', (key) => ({ tried: new Set([key]) }), 'tried'],
    ['others were tried', () => ({ tried: new Set([makeKey('b')]) }), null],
  ])('when %s', (_name, more, why) => {
    const key = makeKey('a')
    expect(eligibilityOf(key, ask(more(key)), house())).toMatchObject({ why, until: null })
  })

  it('when the operator took it out, or the key mode', () => {
    expect(eligibilityOf(Object.assign(makeKey('a'), { enabled: false }), ask(), house()).why).toBe(
      'disabled',
    )
    expect(eligibilityOf(Object.assign(makeKey('a'), { selected: false }), ask(), house()).why).toBe(
      'unselected',
    )
  })

  it('when it is busy, whether its account has money or not', () => {
    const rules = house({ concurrency: { ...unlimited, key: 1 } })
    for (const health of [undefined, exhausted('any')]) {
      const key = Object.assign(makeKey('a'), { inFlight: 1 })
      if (health !== undefined) key.account.health = health
      expect(eligibilityOf(key, ask({}, 'nothing'), rules).why).toBe('busy')
    }
  })

  it('when other keys have the window', () => {
    const pacing = new Pacing<Key>({ inFlight: 1, keys: 1, windowMs: 60_000 })
    const chosen = makeKey('b')
    pacing.begin(chosen, now - 10_000)
    expect(eligibilityOf(makeKey('a'), ask(), house({ pacing }))).toEqual({
      why: 'paced',
      until: now + 50_000,
      detail: null,
    })
    expect(eligibilityOf(chosen, ask(), house({ pacing })).why).toBeNull()
  })

  it.each([
    ['rate-limited', 'cooling'],
    ['restricted', 'cooling'],
    ['overload', 'inferred-cooldown'],
    ['network', 'inferred-cooldown'],
  ] as const)('when its account rests on the model: %s', (reason, why) => {
    const key = makeKey('a')
    key.account.startCooldown(
      { model: 'm', since: now - 1, until: soon, reason, strikes: 1, meter: 'RPM' },
      now,
    )
    expect(eligibilityOf(key, ask(), house())).toEqual({ why, until: soon, detail: `${reason} (RPM)` })
    expect(eligibilityOf(key, ask({ model: 'other' }), house()).why).toBeNull()
    expect(eligibilityOf(key, ask({ now: soon }), house()).why).toBeNull()
  })

  it('when one more would be over a limit, with the time at which it will not be; never, if it is too large', () => {
    const key = makeKey('a')
    const quota = new Quota({ limits: { TPM: 100 }, learns: false, dayOffsetMs: 0 })
    key.account.keepQuota('m', quota)
    quota.reserve({ tokens: 95, images: 0 }, now)
    expect(eligibilityOf(key, ask(), house())).toMatchObject({ why: 'limited', until: now + 60_250 })
    const large = ask({ demand: { tokens: 101, images: 0 } })
    expect(eligibilityOf(key, large, house())).toMatchObject({ why: 'limited', until: null })
    expect(eligibilityOf(key, ask({ demand: { tokens: 5, images: 0 } }), house()).why).toBeNull()
  })
  it('when it rests and has used up a limit, with the time at which neither is in the way', () => {
    const key = makeKey('a')
    const quota = new Quota({ limits: { TPM: 100 }, learns: false, dayOffsetMs: 0 })
    key.account.keepQuota('m', quota)
    quota.reserve({ tokens: 95, images: 0 }, now)
    const rest = { model: 'm', since: now - 1, until: soon, strikes: 1 }
    key.account.startCooldown({ ...rest, reason: 'rate-limited' }, now)
    expect(eligibilityOf(key, ask(), house())).toMatchObject({ why: 'cooling', until: now + 60_250 })
    expect(eligibilityOf(key, ask({ demand: { tokens: 5, images: 0 } }), house()).until).toBe(soon)
    const large = ask({ demand: { tokens: 101, images: 0 } })
    expect(eligibilityOf(key, large, house())).toMatchObject({ why: 'limited', until: null })
    key.account.startCooldown({ ...rest, reason: 'overload' }, now)
    expect(eligibilityOf(key, ask(), house())).toMatchObject({ why: 'limited', until: now + 60_250 })
  })
})
