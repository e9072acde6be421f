import { describe, expect, it } from 'vitest'
import { defaultPacing, Pacing } from '../limit/pacing.js'
import type { Outcome } from '../outcome/outcome.js'
import { type KeyringUnderTest, keyringUnderTest, type WantedMore } from '../testing/keyring-under-test.js'

const second = 1_000
const minute = 60 * second
/** How much longer than its length a window counts, because calls are late on their way. */
const slackMs = 250

const success: Outcome = { kind: 'success', status: 200 }
const usageOf = (totalTokens: number) => ({
  promptTokens: 0,
  completionTokens: totalTokens,
  totalTokens,
  cachedTokens: 0,
  reasoningTokens: 0,
})

describe('a declared limit', () => {
  it('a declared limit is kept by all keys of an account together, until its window has moved on', () => {
    const { add, runtime, take, grant } = keyringUnderTest({ limits: { models: { m: { RPM: 2 } } } })
    const keys = [add('a', 'acme'), add('b', 'acme')]
    expect(new Set([grant('m').key, grant('m').key])).toEqual(new Set(keys))
    expect(take('m')).toMatchObject({
      code: 'all_keys_cooling',
      retryAfterMs: minute + slackMs,
      isBusy: false,
    })
    runtime.advance(minute + slackMs - 1)
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling', retryAfterMs: 1 })
    runtime.advance(1)
    expect(keys).toContain(grant('m').key)
  })

  it('a declared limit lets calls in again one by one, in the order in which they were made', () => {
    const { add, runtime, take, grant } = keyringUnderTest({ limits: { models: { m: { RPM: 2 } } } })
    add('a')
    grant('m')
    runtime.advance(10 * second)
    grant('m')
    runtime.advance(minute + slackMs - 10 * second)
    grant('m')
    expect(take('m')).toMatchObject({ retryAfterMs: 10 * second })
  })

  it('a declared limit sends a request to the account that has room left', () => {
    const { add, grant } = keyringUnderTest({ limits: { models: { m: { RPM: 1 } } } })
    const [a, b] = [add('a'), add('b')]
    expect(new Set([grant('m').key, grant('m').key])).toEqual(new Set([a, b]))
  })

  it('a limit of an account prevails over that of the model, and that over the catalogue', () => {
    const { add, grant, take } = keyringUnderTest({
      limits: { models: { m: { RPM: 3 } }, accounts: { small: { 'm*': { RPM: 1 } } } },
      catalogue: { m: { limits: { RPM: 10 } }, n: { limits: { RPM: 2 } } },
    })
    add('a', 'small')
    add('b', 'usual')
    const served = Array.from({ length: 4 }, () => grant('m').account.id)
    expect(served.filter((id) => id === 'small')).toHaveLength(1)
    expect(take('m').kind).toBe('refusal')
    for (let call = 0; call < 4; call++) grant('n')
    expect(take('n').kind).toBe('refusal')
  })

  it('a limit of zero keeps an account from a model altogether', () => {
    const { add, take, grant } = keyringUnderTest({ limits: { accounts: { acme: { m: { RPM: 0 } } } } })
    add('a', 'acme')
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling', isBusy: false })
    const b = add('b')
    for (let call = 0; call < 5; call++) expect(grant('m').key).toBe(b)
  })

  it('a limit of tokens counts what a call really used once it has ended', () => {
    const { add, settle, grant, take } = keyringUnderTest({ limits: { models: { m: { TPM: 1_000 } } } })
    add('a')
    const first = grant('m', { promptTokens: 600, maxOutput: 0 })
    expect(take('m', { promptTokens: 600, maxOutput: 0 }).kind).toBe('refusal')
    settle(first, success, { usage: usageOf(100) })
    const second = grant('m', { promptTokens: 600, maxOutput: 0 })
    settle(second, success, { usage: usageOf(950) })
    // 1,050 of 1,000: what the estimate was short of counts too.
    expect(take('m', { promptTokens: 1, maxOutput: 0 }).kind).toBe('refusal')
  })

  it('a limit keeps the estimate of a call of unknown usage, and takes back a call that never ran', () => {
    const { add, settle, grant, take } = keyringUnderTest({ limits: { models: { m: { RPM: 2 } } } })
    add('a')
    settle(grant('m'), { kind: 'aborted' })
    settle(grant('m'), { kind: 'insufficient-balance', fault: 'funds' })
    expect(take('m')).toMatchObject({ code: 'all_keys_exhausted' })
    const {
      add: addOther,
      settle: settleOther,
      grant: grantOther,
      take: takeOther,
    } = keyringUnderTest({
      limits: { models: { m: { RPM: 2 } } },
    })
    addOther('a')
    for (let call = 0; call < 5; call++)
      settleOther(grantOther('m'), { kind: 'network-error', fault: 'network' })
    settleOther(grantOther('m'), { kind: 'aborted' })
    grantOther('m')
    expect(takeOther('m').kind).toBe('refusal')
  })

  it('an estimate holds no more output than the request allows, once tokens count', () => {
    const { add, grant, take } = keyringUnderTest({ limits: { models: { m: { TPM: 1_000 } } } })
    add('a')
    for (let call = 0; call < 10; call++) grant('m', { promptTokens: 90, maxOutput: 10 })
    expect(take('m', { promptTokens: 90, maxOutput: 10 }).kind).toBe('refusal')
  })

  it('a request that fits is not held back because a larger one did not fit', () => {
    const { add, grant, take } = keyringUnderTest({ limits: { models: { m: { TPM: 1_000, IPM: 4 } } } })
    add('a')
    grant('m', { promptTokens: 400, maxOutput: 0, images: 2 })
    const asked = { lastResorts: 1 }
    expect(take('m', { ...asked, promptTokens: 700, maxOutput: 0 }).kind).toBe('refusal')
    expect(take('m', { ...asked, promptTokens: 700, maxOutput: 0 }).kind).toBe('refusal')
    expect(take('m', { ...asked, promptTokens: 100, maxOutput: 0 }).kind).toBe('grant')
    expect(take('m', { ...asked, promptTokens: 100, maxOutput: 0, images: 3 }).kind).toBe('refusal')
    expect(take('m', { ...asked, promptTokens: 100, maxOutput: 0, images: 2 }).kind).toBe('grant')
  })

  it('a request that is larger than a limit is refused without a time to retry', () => {
    const { add, take } = keyringUnderTest({ limits: { models: { m: { TPM: 1_000 } } } })
    add('a')
    expect(take('m', { promptTokens: 5_000, maxOutput: 0 })).toMatchObject({
      code: 'all_keys_cooling',
      retryAfterMs: undefined,
      isBusy: false,
    })
  })

  it('a declared limit holds for a request bound to one account, from its first call on', () => {
    const { add, take, grant } = keyringUnderTest({ limits: { models: { m: { TPM: 1_000, RPM: 1 } } } })
    add('a', 'acme')
    expect(take('m', { account: 'acme', promptTokens: 5_000, maxOutput: 0 }).kind).toBe('refusal')
    grant('m', { account: 'acme', promptTokens: 500, maxOutput: 0 })
    expect(take('m', { account: 'acme', promptTokens: 500, maxOutput: 0 })).toMatchObject({
      code: 'all_keys_cooling',
      retryAfterMs: minute + slackMs,
    })
  })
})

describe('a learned limit', () => {
  const refusal: Outcome = { kind: 'rate-limited', fault: 'limit', meter: 'RPM', retryAfterMs: second }

  /** A second refusal at about the same level, with a call served between. */
  const refuseTwice = ({ runtime, settle, grant }: KeyringUnderTest, more: WantedMore = {}): void => {
    settle(grant('m', more), refusal)
    runtime.advance(3 * second)
    settle(grant('m', more), success)
    runtime.advance(second)
    settle(grant('m', more), refusal)
  }

  it('a limit is learned from two refusals that agree and reported, but only where learning is on', () => {
    for (const learn of [true, false]) {
      const under = keyringUnderTest({ limits: { learn } })
      const { add, runtime, settle, emitted, grant } = under
      const key = add('a')
      for (let call = 0; call < 50; call++) {
        settle(grant('m'), success)
        runtime.advance(second)
      }
      refuseTwice(under)
      const learned = emitted.filter(([name]) => name === 'limit-learned')
      expect(learned).toHaveLength(learn ? 1 : 0)
      if (learn) expect(learned[0]?.[1]).toMatchObject({ keys: [key.id], model: 'm', meter: 'RPM' })
      expect(key.account.quotas.get('m')?.learnedLimits() ?? {}).toEqual(
        learn ? { RPM: expect.any(Number) } : {},
      )
    }
  })

  it('a learned limit holds for its model and its account only', () => {
    const under = keyringUnderTest()
    const { add, runtime, settle, grant } = under
    const [a, b] = [add('a'), add('b')]
    for (let call = 0; call < 50; call++) {
      settle(grant('m'), success)
      settle(grant('n'), success)
      runtime.advance(second)
    }
    const refused = grant('m')
    settle(refused, { kind: 'aborted' })
    refuseTwice(under, { account: refused.account.id })
    const other = refused.key === a ? b : a
    expect(refused.account.quotas.get('m')?.learnedLimits()).toEqual({ RPM: expect.any(Number) })
    expect(refused.account.quotas.get('n')?.learnedLimits() ?? {}).toEqual({})
    expect(other.account.quotas.get('m')?.learnedLimits() ?? {}).toEqual({})
    expect(other.account.quotas.get('n')?.learnedLimits() ?? {}).toEqual({})
  })

  it.each<[string, { account?: string }, Parameters<typeof keyringUnderTest>[0]]>([
    ['of any account', {}, {}],
    ['of one account', { account: 'acme' }, {}],
    ['of the keys of a pacing window', {}, { pacing: new Pacing({ inFlight: 9, keys: 1, windowMs: 1e9 }) }],
  ])('a learned limit grows while calls %s are held back by it', (_what, asked, options) => {
    const under = keyringUnderTest(options)
    const { add, runtime, settle, take, grant } = under
    const { account } = add('a', 'acme')
    for (let call = 0; call < 50; call++) {
      settle(grant('m'), success)
      runtime.advance(second)
    }
    refuseTwice(under)
    const learned = account.quotas.get('m')?.learnedLimits().RPM ?? 0
    for (let seconds = 0; seconds < 30 * 60; seconds++) {
      runtime.advance(second)
      for (let call = 0; call < 3; call++) {
        const taken = take('m', { lastResorts: 1, ...asked })
        if (taken.kind === 'grant') settle(taken, success)
      }
    }
    expect(account.quotas.get('m')?.learnedLimits().RPM).toBeGreaterThan(2 * learned)
  })

  it('one request goes beyond a learned limit, no queue behind it, and its refusal changes nothing', () => {
    const under = keyringUnderTest()
    const { add, runtime, settle, take, grant } = under
    const { account } = add('a')
    for (let call = 0; call < 50; call++) {
      settle(grant('m'), success)
      runtime.advance(second)
    }
    refuseTwice(under)
    runtime.advance(5 * second)
    const learned = account.quotas.get('m')?.learnedLimits().RPM ?? 0
    const beyond: Extract<ReturnType<typeof take>, { kind: 'grant' }>[] = []
    for (let call = 0; call < 100; call++) {
      const taken = take('m', { lastResorts: 1 })
      if (taken.kind !== 'grant') continue
      if (taken.isBeyond) beyond.push(taken)
      else settle(taken, success)
    }
    expect(beyond).toHaveLength(1)
    for (const trial of beyond) settle(trial, refusal)
    expect(account.quotas.get('m')?.learnedLimits()).toEqual({ RPM: learned })
  })
})

describe('pacing', () => {
  it('pacing keeps to one call at a time, of one key in half an hour', () => {
    const { add, keyring, runtime, settle, take, grant } = keyringUnderTest({
      pacing: new Pacing(defaultPacing),
    })
    const keys = [add('a'), add('b')]
    const first = grant('m')
    expect(take('m')).toMatchObject({ code: 'queue_full', isBusy: true })
    settle(first, success)
    for (let call = 0; call < 5; call++) {
      const next = grant('m')
      expect(next.key).toBe(first.key)
      settle(next, success)
    }
    settle(grant('m'), { kind: 'rate-limited', fault: 'limit', retryAfterMs: 2 * 60 * minute })
    expect(take('m')).toMatchObject({ code: 'all_keys_cooling' })
    expect(take('other').kind).toBe('grant')
    keyring.members.remove(first.key)
    expect(keys).toContain(first.key)
    runtime.advance(30 * minute)
  })

  it('pacing lets another key serve when the window ends, or when its key leaves the pool', () => {
    for (const fate of ['ends', 'leaves'] as const) {
      const pacing = { inFlight: 1, keys: 1, windowMs: minute }
      const { add, keyring, runtime, settle, take, grant } = keyringUnderTest({ pacing: new Pacing(pacing) })
      const keys = [add('a'), add('b')]
      const first = grant('m')
      settle(first, { kind: 'unauthorized', fault: 'key' })
      expect(take('m', { lastResorts: 1 })).toMatchObject({ code: 'all_keys_cooling', retryAfterMs: minute })
      if (fate === 'ends') runtime.advance(minute)
      else keyring.members.remove(first.key)
      const next = grant('m', { lastResorts: 1 })
      expect(next.key).toBe(keys.find((key) => key !== first.key))
    }
  })
})

describe('a call that was rejected', () => {
  it('a rejected call counts as a request, but uses none of its tokens', () => {
    const limits = { models: { m: { RPM: 2, TPM: 1_000 } } }
    const { add, settle, take, grant } = keyringUnderTest({ limits })
    add('a')
    const asked = { promptTokens: 100, maxOutput: 800 }
    settle(grant('m', asked), { kind: 'rejected', fault: 'caller', status: 400 })
    settle(grant('m', asked), success, { usage: usageOf(100) })
    expect(take('m', { promptTokens: 1, maxOutput: 0 }).kind).toBe('refusal')
  })
})

describe('an inferred cooldown', () => {
  const overload: Outcome = { kind: 'upstream-error', fault: 'overload' }

  it('an inferred cooldown ends for a request bound to its account, but no limit does', () => {
    const { add, runtime, settle, take, grant } = keyringUnderTest({ limits: { models: { m: { RPM: 2 } } } })
    add('a', 'acme')
    const asked = { account: 'acme', lastResorts: 3 }
    settle(grant('m', asked), overload)
    settle(grant('m', asked), overload)
    expect(take('m', asked)).toMatchObject({
      code: 'all_keys_cooling',
      freeAt: runtime.now() + minute + slackMs,
    })
  })

  it('a request bound to its account ends an inferred cooldown for each key once only', () => {
    const { add, settle, take, grant } = keyringUnderTest()
    const [a, b] = [add('a', 'acme'), add('b', 'acme')]
    const asked = { account: 'acme', lastResorts: 3 }
    settle(grant('m', asked), overload)
    expect(take('m', { ...asked, tried: [a] }).kind).toBe('grant')
    expect(take('m', { ...asked, tried: [a, b] }).kind).toBe('refusal')
  })

  it('an inferred cooldown that outlives a limit keeps no last resort from the key', () => {
    const { add, runtime, settle, take, grant } = keyringUnderTest({ limits: { models: { m: { RPM: 1 } } } })
    const key = add('a')
    settle(grant('m'), overload)
    const until = runtime.now() + 10 * minute
    key.account.startCooldown(
      { model: 'm', since: runtime.now(), until, reason: 'overload', strikes: 9 },
      runtime.now(),
    )
    const asked = { lastResorts: 1 }
    expect(take('m', asked)).toMatchObject({ retryAfterMs: minute + slackMs })
    runtime.advance(minute + slackMs)
    expect(take('m', asked).kind).toBe('grant')
  })
})
