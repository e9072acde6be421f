import { describe, expect, it } from 'vitest'
import type { Health } from './account-health.js'
import { statusOf, type ViewContext, viewOf } from './key-view.js'
import { makeKey } from './testing/make-key.js'

const now = Date.UTC(2026, 8, 1, 12)
const context: ViewContext = {
  now,
  isoTime: (at) => new Date(at).toISOString(),
  currencyOf: (site) => (site === 'com' ? 'USD' : 'CNY'),
}
const refused = { status: 'invalid', reason: 'Token is invalid.', since: 0 } as const

describe('the view of a key', () => {
  it('has the shape that scripts read', () => {
    const key = makeKey('first')
    key.usedAt = now
    key.requests = 3
    key.successes = 2
    expect(viewOf(key, context)).toEqual({
      id: key.id,
      key: 'sk-fa…irst',
      label: 'first',
      account: key.id,
      site: 'cn',
      enabled: true,
      weight: 1,
      status: 'ready',
      reason: null,
      cooldowns: [],
      balance: { amount: null, currency: 'CNY', source: 'unknown', at: null, funds: null },
      inFlight: 0,
      requests: 3,
      successes: 2,
      lastUsedAt: '2026-09-01T12:00:00.000Z',
      addedAt: '1970-01-01T00:00:00.000Z',
    })
  })

  it('lists the running cooldowns, with the meter that was hit, and not those that are over', () => {
    const key = makeKey('a')
    const cooldown = { since: 0, reason: 'rate-limited', strikes: 1 } as const
    key.account.startCooldown({ ...cooldown, model: 'over', until: now }, now)
    key.account.startCooldown({ ...cooldown, model: 'm', until: now + 1_000, meter: 'TPM' }, now)
    key.account.startCooldown({ ...cooldown, model: '', until: now + 2_000, reason: 'overload' }, now)
    expect(viewOf(key, context).cooldowns).toEqual([
      { model: 'm', until: '2026-09-01T12:00:01.000Z', reason: 'rate-limited (TPM)' },
      { model: '', until: '2026-09-01T12:00:02.000Z', reason: 'overload' },
    ])
  })

  it.each<[Health, string | null]>([
    [{ status: 'ready' }, null],
    [
      { status: 'cooling', until: now + 1, reason: 'verify your identity', strikes: 1 },
      'verify your identity',
    ],
    [{ status: 'exhausted', until: now + 1, funds: 'any', strikes: 1 }, 'no balance'],
    [{ status: 'exhausted', until: now + 1, funds: 'charged', strikes: 1 }, 'no charged balance'],
    [{ status: 'probing', after: 'exhausted', funds: 'any', strikes: 1 }, 'a trial after exhausted'],
    [
      { status: 'exhausted', until: now + 1, funds: 'all', strikes: 1 },
      'no balance, not even for free models',
    ],
    [{ status: 'invalid', reason: 'User disabled.', since: 0 }, 'User disabled.'],
  ])('gives the status of the account and its reason: %j', (health, reason) => {
    const key = makeKey('a')
    key.account.health = health
    expect(viewOf(key, context)).toMatchObject({ status: health.status, reason })
  })

  it('gives the worse of the states of key and account', () => {
    const key = makeKey('a')
    key.account.health = { status: 'exhausted', until: now + 1, funds: 'any', strikes: 1 }
    key.health = refused
    expect(statusOf(key)).toBe('invalid')
    expect(viewOf(key, context).reason).toBe('Token is invalid.')
  })

  it('says where a balance comes from and how old it is', () => {
    const key = makeKey('a')
    key.account.balance = { amount: '12.50', currency: 'CNY', source: 'estimated', at: now }
    expect(viewOf(key, context).balance).toEqual({
      amount: '12.50',
      currency: 'CNY',
      source: 'estimated',
      at: '2026-09-01T12:00:00.000Z',
      funds: null,
    })
  })
})
