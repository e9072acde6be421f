import { describe, expect, it } from 'vitest'
import type { Health } from '../key/account-health.js'
import { makeKey } from '../key/testing/make-key.js'
import { unlimited } from '../limit/concurrency.js'
import { roundRobin } from '../strategy/round-robin.js'
import { ineligibleReasonOf } from './key-eligibility.js'
import { Rosters } from './rosters.js'
import type { Rules } from './rules.js'
import { makeGrant } from './testing/make-grant.js'

const make = (rules: Rules = {}, strategy: ConstructorParameters<typeof Rosters>[0]['strategy'] = 'random') =>
  new Rosters({ strategy, rules, chance: () => 0, onFault: () => {} })
const usual = { promptTokens: 10, isStream: false }
const large = { promptTokens: 5_001, isStream: false }
const streamed = { promptTokens: 10, isStream: true }

describe('Rosters.ofRequest', () => {
  it('every request falls under the pool’s strategy when there are no rules', () => {
    const rosters = make()
    const roster = rosters.ofRequest(false, usual)
    expect(rosters.ofRequest(true, usual)).toBe(roster)
    expect(rosters.ofRequest(false, large)).toBe(roster)
    expect(rosters.ofRequest(false, streamed)).toBe(roster)
    expect(rosters.ofModel('m')).toBeUndefined()
  })

  it('a request falls under the first rule that is given of free, large and stream', () => {
    const rosters = make({ free: 'sequential', large: 'least-in-flight', stream: 'weighted' })
    const both = { promptTokens: 5_001, isStream: true }
    const all = [
      rosters.ofRequest(true, both),
      rosters.ofRequest(false, both),
      rosters.ofRequest(false, streamed),
      rosters.ofRequest(false, usual),
    ]
    expect(new Set(all).size).toBe(4)
    expect(rosters.ofRequest(false, large)).toBe(all[1])
    expect(rosters.ofRequest(true, usual)).toBe(all[0])
  })

  it.each([
    [undefined, 5_000],
    [100, 100],
    [0, 0],
  ])('a request is large above aboveTokens (%s): with more than %i tokens', (aboveTokens, limit) => {
    const rosters = make({
      large: { strategy: 'sequential', ...(aboveTokens === undefined ? {} : { aboveTokens }) },
    })
    const at = (promptTokens: number) => rosters.ofRequest(false, { promptTokens, isStream: false })
    expect(at(limit)).not.toBe(at(limit + 1))
  })

  it('a model’s roster is found by name, then by the longest pattern; a rule without a strategy has none', () => {
    const rosters = make({
      models: {
        'Pro/*': 'sequential',
        'Pro/x/*': 'weighted',
        'Pro/x/y': { strategy: 'random' },
        z: { deny: ['a'] },
      },
    })
    const found = ['Pro/x/y', 'Pro/x/z', 'Pro/z'].map((model) => rosters.ofModel(model))
    expect(found).not.toContain(undefined)
    expect(new Set(found).size).toBe(3)
    expect(rosters.ofModel('pro/X/Y')).toBe(found[0])
    expect(rosters.ofModel('z')).toBeUndefined()
    expect(rosters.ofModel('other')).toBeUndefined()
  })

  it('a user’s own strategy has one roster, wherever it is named', () => {
    const strategy = roundRobin()
    const added: unknown[] = []
    const own = {
      ...strategy,
      add: (key: never) => void added.push(key),
      remove: () => {},
      pick: () => undefined,
    }
    const rosters = make(
      { free: own, large: { strategy: own }, stream: own, models: { m: { strategy: own } } },
      own,
    )
    const key = makeKey('a')
    rosters.update(key, undefined)
    expect(added).toEqual([key])
    expect(rosters.ofModel('m')).toBe(rosters.ofRequest(false, usual))
    expect(rosters.ofRequest(true, usual)).toBe(rosters.ofRequest(false, streamed))
  })
})

describe('Rosters.update', () => {
  const health: Readonly<Record<string, Health>> = {
    ready: { status: 'ready' },
    'no recharged money': { status: 'exhausted', until: 1, funds: 'charged', strikes: 1 },
    'no money': { status: 'exhausted', until: 1, funds: 'any', strikes: 1 },
    'refused even what is free': { status: 'exhausted', until: 1, funds: 'all', strikes: 1 },
    'probing for money': { status: 'probing', after: 'exhausted', funds: 'any', strikes: 1 },
    'probing for free models': { status: 'probing', after: 'exhausted', funds: 'all', strikes: 1 },
    'probing after a cooldown': { status: 'probing', after: 'cooling', strikes: 1 },
    cooling: { status: 'cooling', until: 1, reason: 'quota', strikes: 1 },
    invalid: { status: 'invalid', reason: 'closed', since: 0 },
  }

  it.each<[string, boolean, boolean, boolean]>([
    ['ready', false, true, false],
    ['no recharged money', false, true, false],
    ['no money', false, false, true],
    ['refused even what is free', false, false, false],
    ['probing for money', false, true, false],
    ['probing for money', true, false, true],
    ['probing for free models', true, false, false],
    ['probing after a cooldown', true, false, false],
    ['cooling', false, false, false],
    ['invalid', false, false, false],
  ])(
    'a key is in the rosters that its account allows: %s, a trial running: %s',
    (name, isTried, isUsual, isSpare) => {
      const rosters = make({ free: 'sequential', large: 'random', stream: 'random', models: { m: 'random' } })
      const key = makeKey('a')
      key.account.health = health[name] ?? { status: 'ready' }
      key.account.trial = isTried ? makeGrant(key) : null
      rosters.update(key, ineligibleReasonOf(key, unlimited))
      const all = [
        rosters.ofRequest(false, usual),
        rosters.ofRequest(true, usual),
        rosters.ofRequest(false, large),
        rosters.ofRequest(false, streamed),
        rosters.ofModel('m'),
      ]
      expect(all.map((roster) => roster?.size)).toEqual(all.map(() => (isUsual ? 1 : 0)))
      expect(rosters.spare.size).toBe(isSpare ? 1 : 0)
    },
  )

  it('a key leaves the spare roster while its own secret is on trial', () => {
    const rosters = make()
    const key = makeKey('a')
    key.account.health = { status: 'exhausted', until: 1, funds: 'any', strikes: 1 }
    key.health = { status: 'probing', after: 'refused', strikes: 1 }
    rosters.update(key, ineligibleReasonOf(key, unlimited))
    expect(rosters.spare.size).toBe(1)
    key.trial = makeGrant(key)
    rosters.update(key, ineligibleReasonOf(key, unlimited))
    expect(rosters.spare.size).toBe(0)
  })
})
