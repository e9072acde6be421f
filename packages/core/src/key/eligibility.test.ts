import { describe, expect, it } from 'vitest'
import type { Cooldown, CooldownReason } from './cooldown.js'
import { activeCooldown, type Hindrance, hindranceOfKey, hindranceOnModel } from './eligibility.js'
import type { Health } from './health.js'
import { makeKey } from './testing/make-key.js'

const now = 1_000_000
const invalid = { status: 'invalid', reason: 'refused', since: 0 } as const

describe('a key may serve', () => {
  it.each<[string, Health, boolean, Hindrance | undefined]>([
    ['ready', { status: 'ready' }, false, undefined],
    ['probing, and nobody tries', { status: 'probing', after: 'cooling', strikes: 1 }, false, undefined],
    ['probing, and somebody tries', { status: 'probing', after: 'cooling', strikes: 1 }, true, 'probing'],
    ['cooling', { status: 'cooling', until: now + 1, reason: 'quota', strikes: 1 }, false, 'cooling'],
    ['exhausted', { status: 'exhausted', until: now + 1, funds: 'any', strikes: 1 }, false, 'exhausted'],
    ['invalid', invalid, false, 'invalid'],
  ])('when its account is %s: %j', (_name, health, isTried, hindrance) => {
    const key = makeKey('a')
    const { account } = key
    account.health = health
    account.trial = isTried ? { key, account, model: '', startedAt: now } : null
    expect(hindranceOfKey(key)).toBe(hindrance)
  })

  it('unless its secret was refused or the operator said no, who has the last word', () => {
    const key = makeKey('a')
    key.health = invalid
    expect(hindranceOfKey(key)).toBe('invalid')
    key.enabled = false
    expect(hindranceOfKey(key)).toBe('disabled')
  })
})

describe('a rest on a model', () => {
  const resting = (reason: CooldownReason, until: number) => {
    const key = makeKey('a')
    const cooldown: Cooldown = { model: 'm', since: 0, until, reason, strikes: 1 }
    key.account.cooldowns.set('m', cooldown)
    return { key, cooldown }
  }

  it.each<[CooldownReason, Hindrance]>([
    ['rate-limited', 'cooling'],
    ['restricted', 'cooling'],
    ['overload', 'resting'],
    ['network', 'resting'],
    ['timeout', 'resting'],
    ['truncated', 'resting'],
  ])('because of %s: %s', (reason, hindrance) => {
    expect(hindranceOnModel(resting(reason, now + 1).key, 'm', now)).toBe(hindrance)
  })

  it('holds for that model only', () => {
    const { key } = resting('rate-limited', now + 1)
    expect(hindranceOnModel(key, 'other', now)).toBeUndefined()
    expect(hindranceOnModel(key, '', now)).toBeUndefined()
  })

  it('holds until its end and not a millisecond longer', () => {
    const { key, cooldown } = resting('rate-limited', now)
    expect(activeCooldown(key, 'm', now - 1)).toBe(cooldown)
    expect(activeCooldown(key, 'm', now)).toBeUndefined()
    expect(hindranceOnModel(key, 'm', now)).toBeUndefined()
  })
})
