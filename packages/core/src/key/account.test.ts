import { describe, expect, it } from 'vitest'
import type { Limits } from '../limit/meters.js'
import { Quota } from '../limit/quota.js'
import { Account } from './account.js'
import type { Cooldown } from './cooldown.js'
import type { Key } from './key.js'

const overload = (model: string, since: number, until: number): Cooldown => ({
  model,
  since,
  until,
  reason: 'overload',
  strikes: 1,
})

describe('an account', () => {
  it('remembers cooldowns that are over, because the next one grows from them', () => {
    const account = new Account<Key>('acme')
    account.startCooldown(overload('a', 0, 10), 5)
    account.startCooldown(overload('b', 20, 30), 20)
    expect([...account.cooldowns.keys()]).toEqual(['a', 'b'])
  })

  it('forgets cooldowns that are over when clients name models without end, never one that runs', () => {
    const account = new Account<Key>('acme')
    account.startCooldown(overload('long', 0, 1_000_000), 0)
    for (let at = 0; at < 10_000; at++) {
      account.startCooldown(overload(`model-${at}`, at, at + 10), at)
      expect(account.cooldowns.size).toBeLessThanOrEqual(257)
    }
    expect(account.cooldowns.has('long')).toBe(true)
    expect(account.cooldowns.has('model-9999')).toBe(true)
  })

  it('keeps the lengths of its cooldowns when the clock is set back', () => {
    const account = new Account<Key>('acme')
    account.health = { status: 'exhausted', until: 10_000, funds: 'any', strikes: 1 }
    account.startCooldown(overload('a', 4_000, 6_000), 4_000)
    account.shiftCooldowns(-3_000)
    expect(account.health).toMatchObject({ until: 7_000 })
    expect(account.cooldowns.get('a')).toMatchObject({ since: 1_000, until: 3_000 })
  })

  const quota = (limits: Limits | null) => new Quota({ limits, learns: true, dayOffsetMs: 0 })

  it('counts on against its limits, however many models clients make up', () => {
    const account = new Account<Key>('acme')
    const declared = quota({ RPM: 1 })
    const learned = quota(null)
    for (const at of [0, 120_000]) {
      const calls = Array.from({ length: 3 }, (_, index) =>
        learned.reserve({ tokens: 0, images: 0 }, at + index),
      )
      for (const call of calls) learned.served(call, null, at + 5)
      learned.refused('RPM', at + 10, at + 10)
    }
    account.keepQuota('declared', declared)
    account.keepQuota('learned', learned)
    expect(learned.learnedLimits()).toEqual({ RPM: expect.any(Number) })
    for (let at = 0; at < 5_000; at++) {
      account.keepQuota(`model-${at}`, quota(null))
      expect(account.quotas.size).toBeLessThanOrEqual(256)
    }
    expect(account.quotas.get('declared')).toBe(declared)
    expect(account.quotas.get('learned')).toBe(learned)
    expect(account.quotas.has('model-4999')).toBe(true)
  })

  it('forgets quotas with limits only when every model is limited, the oldest first', () => {
    const account = new Account<Key>('acme')
    for (let at = 0; at < 300; at++) account.keepQuota(`model-${at}`, quota({ RPM: 1 }))
    expect(account.quotas.size).toBe(256)
    expect(account.quotas.has('model-0')).toBe(false)
    expect(account.quotas.has('model-299')).toBe(true)
  })
})
