import { describe, expect, it } from 'vitest'
import { fakeToken, makeKey } from '../key/testing/make-key.js'
import type { Outcome } from '../outcome/outcome.js'
import { type KeyringTestOptions, keyRequest, keyringUnderTest } from '../testing/keyring-under-test.js'
import { poolUnderTest } from '../testing/pool-under-test.js'
import { explanationOf } from './explain.js'
import type { Eligibility } from './request-eligibility.js'

const secret = 'sk-fake0000000000000000explained'

describe('explanationOf', () => {
  it.each<[Eligibility['why'], string | null, string]>([
    [null, null, 'eligible, not its turn'],
    ['disabled', null, 'disabled by the operator'],
    ['unselected', null, 'left out by the key mode'],
    ['invalid', 'Token is invalid.', 'invalid: Token is invalid.'],
    ['refused', 'Token is invalid.', 'refused by the upstream, which will be asked again: Token is invalid.'],
    ['failing', 'Forbidden', 'cooling after unexplained failures in a row: Forbidden'],
    ['cooling', 'rate-limited (RPM)', 'cooling on m: rate-limited (RPM)'],
    ['exhausted', 'no balance', 'exhausted: no balance'],
    ['probing', null, 'probing: another request is its trial'],
    ['busy', null, 'busy: as many calls run as limits.concurrency or pacing allows'],
    ['other-account', null, 'of another account than the one that is asked for'],
    ['not-allowed', null, 'not for m by rules.models'],
    ['paced', null, 'outside the pacing window, which other keys have'],
    ['inferred-cooldown', 'overload', 'cooling on m (inferred), tried when nothing else is ready: overload'],
    ['limited', null, 'at its limit on m'],
    ['tried', null, 'tried for this request already'],
  ])('an explanation says of a key that is %s (%s): %s', (why, detail, words) => {
    const key = makeKey('a')
    const until = why === 'cooling' ? Date.UTC(2026, 8, 1) : null
    const { keys } = explanationOf({
      model: 'm',
      chosen: undefined,
      eligibilities: new Map([[key, { why, until, detail }]]),
    })
    expect(keys).toEqual([
      {
        id: key.id,
        key: String(key.secret),
        label: 'a',
        account: key.account.id,
        eligible: why === null,
        why: words,
        until: until === null ? null : '2026-09-01T00:00:00.000Z',
      },
    ])
  })

  it('an explanation names the key that serves next, even one under an inferred cooldown', () => {
    const key = makeKey('a')
    const explain = (why: Eligibility['why']) =>
      explanationOf({
        model: '',
        chosen: key,
        eligibilities: new Map([[key, { why, until: null, detail: null }]]),
      })
    expect(explain(null)).toMatchObject({ chosen: key.id, keys: [{ why: 'serves next' }] })
    expect(explain('inferred-cooldown').keys[0]?.why).toBe(
      'serves next, though it is cooling on requests without a model (inferred), tried when nothing else is ready',
    )
  })

  it('an explanation names no key when none would serve, or when the strategy cannot foresee it', () => {
    const eligibilities = new Map([[makeKey('a'), { why: null, until: null, detail: null }]])
    for (const chosen of [undefined, null])
      expect(explanationOf({ model: 'm', chosen, eligibilities }).chosen).toBeNull()
  })
})

describe('survey', () => {
  const overload: Outcome = { kind: 'upstream-error', fault: 'overload' }
  const limit: Outcome = { kind: 'rate-limited', fault: 'limit', retryAfterMs: 20_000 }
  const noMoney: Outcome = { kind: 'insufficient-balance', fault: 'funds' }

  it.each<[string, KeyringTestOptions]>([
    ['by age', { strategy: 'sequential' }],
    ['in turn', { strategy: 'round-robin' }],
    ['by weight', { strategy: 'weighted' }],
    ['with limits', { strategy: 'round-robin', limits: { models: { m: { RPM: 3 } } } }],
    ['with rules', { strategy: 'random', rules: { models: { m: 'sequential' } } }],
    ['with key lists', { strategy: 'round-robin', rules: { models: { m: { deny: ['b'] } } } }],
  ])(
    'the surveyed key is the one that the next request gets, %s, whatever happened before',
    (_name, options) => {
      const { add, keyring, runtime, settle, take } = keyringUnderTest({
        ...options,
        catalogue: { 'free/*': { free: true } },
      })
      for (const name of ['a', 'b', 'c']) add(name)
      const outcomes: Outcome[] = [
        { kind: 'success' },
        overload,
        limit,
        noMoney,
        overload,
        { kind: 'success' },
      ]
      for (let call = 0; call < 60; call++) {
        const model = ['m', 'free/m', 'other'][call % 3] ?? 'm'
        const asked = { lastResorts: call % 2, promptTokens: call }
        const { chosen, eligibilities } = keyring.survey(keyRequest(model, asked))
        expect(eligibilities.size).toBe(3)
        const taken = take(model, asked)
        // Without a last resort the request gets no key under an inferred cooldown, though the survey names it.
        const isLastResort = chosen != null && eligibilities.get(chosen)?.why === 'inferred-cooldown'
        if (chosen !== null && !(isLastResort && asked.lastResorts === 0))
          expect(taken.kind === 'grant' ? taken.key : undefined).toBe(chosen)
        if (taken.kind === 'grant') settle(taken, outcomes[call % outcomes.length] ?? overload)
        runtime.advance(7_000)
      }
    },
  )

  it('a survey changes nothing: it takes no turn, no trial and no place', async () => {
    const { pool } = await poolUnderTest({
      keys: [secret, 'sk-fake0000000000000000another'],
      limits: { models: { m: { RPM: 1 } }, concurrency: { key: 1 } },
    })
    const before = JSON.stringify(pool.keys.list())
    const explained = pool.explain({ model: 'm', tokens: 10 })
    for (let count = 0; count < 10; count++)
      expect(pool.explain({ model: 'm', tokens: 10 })).toEqual(explained)
    expect(JSON.stringify(pool.keys.list())).toBe(before)
    expect((await pool.acquire({ model: 'm' })).key.id).toBe(explained.chosen)
    expect(JSON.stringify(explained)).not.toContain(secret)
  })

  it('an explanation names no key for a request over a limit, and says so of each key', async () => {
    const { pool } = await poolUnderTest({ keys: [secret], limits: { models: { m: { TPM: 100 } } } })
    expect(pool.explain({ model: 'm', tokens: 101 })).toMatchObject({
      chosen: null,
      keys: [{ eligible: false, why: 'at its limit on m', until: null }],
    })
    expect(pool.explain({ model: 'm', tokens: 100 })).toMatchObject({
      keys: [{ eligible: true, why: 'serves next' }],
    })
  })

  it('an explanation names no key while as many calls run as the whole pool may make', async () => {
    const { pool } = await poolUnderTest({
      keys: [fakeToken('a'), fakeToken('b')],
      limits: { concurrency: { pool: 1 } },
    })
    using _lease = await pool.acquire()
    const { chosen, keys } = pool.explain()
    expect(chosen).toBeNull()
    expect(keys.map(({ why }) => why)).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining('busy')),
    )
  })

  it('an explanation says why each key may not serve', async () => {
    const { pool } = await poolUnderTest({
      keys: [secret, { secret: 'sk-fake0000000000000000another', label: 'b' }],
      rules: { models: { 'Pro/*': { deny: ['b'] } } },
    })
    const [first] = pool.keys.list()
    await pool.keys.disable([first?.id ?? ''])
    expect(pool.explain({ model: 'Pro/m' }).keys.map(({ why }) => why)).toEqual([
      'disabled by the operator',
      'not for Pro/m by rules.models',
    ])
  })
})
