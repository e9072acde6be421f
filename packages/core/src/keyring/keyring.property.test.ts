import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Key, KeyAccount } from '../key/key.js'
import { type Concurrency, unlimited } from '../limit/concurrency.js'
import type { Limits } from '../limit/meters.js'
import type { Outcome } from '../outcome/outcome.js'
import type { Grant } from '../selection/grant.js'
import { ineligibleReasonOf } from '../selection/key-eligibility.js'
import { assertProperty } from '../testing/assert-property.js'
import { accountNamed, type KeyringUnderTest, keyringUnderTest } from '../testing/keyring-under-test.js'
import { sized } from '../testing/sized.js'

const limit: Outcome = { kind: 'rate-limited', fault: 'limit', retryAfterMs: 20_000 }
const overload: Outcome = { kind: 'upstream-error', fault: 'overload' }

/** Outcomes that take a key out for long are rare, or there would soon be no key left to take. */
const outcomes = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.constantFrom<Outcome>({ kind: 'success' }, { kind: 'aborted' }, limit, limit, overload),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Outcome>(
      { kind: 'insufficient-balance', fault: 'funds' },
      { kind: 'rejected', fault: 'caller' },
      { kind: 'rate-limited', fault: 'limit' },
      { kind: 'timeout', fault: 'network', maybeRan: true },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Outcome>(
      { kind: 'rejected', fault: 'permission' },
      { kind: 'rejected', fault: 'permission', code: 30007 },
      { kind: 'unauthorized', fault: 'key' },
      { kind: 'unauthorized', fault: 'disabled' },
      { kind: 'rate-limited', fault: 'limit', meter: 'RPD', accountWide: true },
    ),
  },
)

const name = fc.integer({ min: 0, max: 5 })
const model = fc.constantFrom('', 'm')

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('take' as const), model, lastResorts: fc.nat(1) }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('settle' as const), which: fc.nat(20), outcome: outcomes }),
  },
  // A lost lease that is settled after all: what was given back is not given back twice.
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('late' as const), which: fc.nat(20), outcome: outcomes }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), which: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('probe' as const), name, outcome: outcomes }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('select' as const), name, isAll: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('add' as const), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('switch' as const), name, enabled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), name, account: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forgive' as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      lengthMs: fc.oneof(fc.nat(5_000), fc.nat(5_000), fc.nat(120_000), fc.nat(40 * 60_000)),
    }),
  },
)

const shift = fc.record({ do: fc.constant('shift' as const), byMs: fc.integer({ min: -1e8, max: 1e8 }) })

type Step =
  | (typeof step extends fc.Arbitrary<infer S> ? S : never)
  | (typeof shift extends fc.Arbitrary<infer S> ? S : never)

/** The keyring, and what is known of it without asking it. */
class World {
  readonly under: KeyringUnderTest
  readonly keys = new Map<number, Key>()
  readonly open: Grant[] = []
  /** Until when the outcomes so far asked each account to leave each model alone. */
  readonly explicit = new Map<string, number>()
  /** Attempts that were given back without being settled. */
  readonly #lost: Grant[] = []
  readonly #concurrency: Concurrency
  readonly #limits: Readonly<Record<string, Limits>>
  /** Attempts that began as the one trial of their account, which has been on trial ever since. */
  readonly #trials = new Map<KeyAccount, Grant>()
  /** The same of keys. */
  readonly #keyTrials = new Map<Key, Grant>()
  /** Every pick so far. */
  readonly picks: string[] = []

  constructor(seed: number, { concurrency = unlimited, limits = {}, probes = true }: WorldOptions = {}) {
    this.#concurrency = concurrency
    this.#limits = limits
    const health = { failureThreshold: 2, maxEjected: 0.5, probes }
    this.under = keyringUnderTest({ seed, concurrency, limits: { models: limits }, health })
  }

  play(step: Step): void {
    const { keyring, runtime } = this.under
    switch (step.do) {
      case 'take':
        return this.#take(step.model, step.lastResorts)
      case 'settle':
        return this.#settle(step.which, step.outcome)
      case 'late':
        return this.#settleLate(step.which, step.outcome)
      case 'lose':
        return this.#lose(step.which)
      case 'probe':
        return this.#with(step.name, (key) => keyring.settleProbe(key, step.outcome))
      case 'select':
        return keyring.members.select(step.isAll ? 'all' : 'selected', [
          `${step.name}`,
          `account-${step.name % 3}`,
        ])
      case 'add':
        if (!this.keys.has(step.name))
          this.keys.set(step.name, this.under.add(`${step.name}`, `account-${step.name % 3}`))
        return
      case 'remove':
        this.#with(step.name, (key) => keyring.members.remove(key))
        this.keys.delete(step.name)
        return
      case 'switch':
        return this.#with(step.name, (key) =>
          keyring.members.change(key, () => {
            key.enabled = step.enabled
          }),
        )
      case 'move':
        return this.#with(step.name, (key) =>
          keyring.members.change(key, () => {
            key.account = accountNamed(keyring, `account-${step.account}`)
          }),
        )
      case 'forgive':
        return this.#with(step.name, (key) => {
          keyring.restore(key, {
            key: { status: 'ready' },
            account: { status: 'ready' },
            forgetCooldowns: true,
          })
          for (const model of ['', 'm']) this.explicit.delete(`${key.account.id} ${model}`)
        })
      case 'wait':
        return runtime.advance(step.lengthMs)
      case 'shift':
        return runtime.shiftClock(step.byMs)
    }
  }

  #with(name: number, act: (key: Key) => void): void {
    const key = this.keys.get(name)
    if (key !== undefined) act(key)
  }

  #take(model: string, lastResorts: number): void {
    const taken = this.under.take(model, { lastResorts })
    if ('code' in taken) return
    this.open.push(taken)
    const { key, account } = taken
    expect([...this.keys.values()]).toContain(key)
    this.picks.push(key.id)
    expect(key.enabled).toBe(true)
    expect(key.selected).toBe(true)
    expect(['ready', 'probing']).toContain(key.health.status)
    if (key.health.status === 'probing') {
      expect(this.#keyTrials.get(key)).toBeUndefined()
      this.#keyTrials.set(key, taken)
    }
    expect(['ready', 'probing']).toContain(account.health.status)
    expect(this.#countOf((grant) => grant.key === key)).toBeLessThanOrEqual(this.#concurrency.key)
    expect(this.#countOf((grant) => grant.account === account)).toBeLessThanOrEqual(this.#concurrency.account)
    expect(this.open.length).toBeLessThanOrEqual(this.#concurrency.pool)
    if (account.health.status === 'probing') {
      expect(this.#trials.get(account)).toBeUndefined()
      this.#trials.set(account, taken)
    }
    expect(this.explicit.get(`${account.id} ${model}`) ?? 0).toBeLessThanOrEqual(this.under.runtime.now())
  }

  #settle(which: number, outcome: Outcome): void {
    const [grant] = this.open.splice(which % Math.max(this.open.length, 1), 1)
    if (grant === undefined) return
    this.under.settle(grant, outcome)
    this.#record(grant, outcome)
  }

  #settleLate(which: number, outcome: Outcome): void {
    const [lost] = this.#lost.splice(which % Math.max(this.#lost.length, 1), 1)
    if (lost === undefined) return
    this.under.settle(lost, outcome)
    this.#record(lost, outcome)
  }

  #lose(which: number): void {
    const [grant] = this.open.splice(which % Math.max(this.open.length, 1), 1)
    if (grant === undefined) return
    this.under.keyring.release(grant)
    this.#lost.push(grant)
    this.#forgetTrials(grant)
  }

  /** No declared limit is ever counted beyond, nor below nothing. */
  #checkLimits(account: KeyAccount): void {
    const now = this.under.runtime.now()
    for (const [model, quota] of account.quotas) {
      const most = this.#limits[model] ?? this.#limits['*']
      const counted = quota.snapshot(now)
      for (const [meter, limit] of Object.entries(most ?? {})) {
        const entries = counted?.[meter as keyof Limits]?.counted ?? []
        const amounts = entries.filter((_, index) => index % 2 === 1)
        for (const amount of amounts) expect(amount).toBeGreaterThanOrEqual(0)
        expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBeLessThanOrEqual(limit)
      }
    }
  }

  #countOf(matches: (grant: Grant) => boolean): number {
    return this.open.filter(matches).length
  }

  #forgetTrials(grant: Grant): void {
    if (this.#trials.get(grant.account) === grant) this.#trials.delete(grant.account)
    if (this.#keyTrials.get(grant.key) === grant) this.#keyTrials.delete(grant.key)
  }

  #record(grant: Grant, outcome: Outcome): void {
    this.#forgetTrials(grant)
    const { key, account, model } = grant
    const isKnown = this.under.keyring.keys.get(key.id) === key && key.account === account
    if (!isKnown || outcome.retryAfterMs === undefined) return
    this.explicit.set(`${account.id} ${model}`, this.under.runtime.now() + outcome.retryAfterMs)
  }

  /** What holds after every step, whatever it was. */
  check(): void {
    const { keyring, candidates } = this.under
    // With its last key an account is forgotten, and so are its cooldowns.
    for (const name of this.explicit.keys()) {
      if (!keyring.accounts.has(name.split(' ')[0] ?? '')) this.explicit.delete(name)
    }
    expect([...keyring.keys.values()]).toEqual([...this.keys.values()])
    for (const [account, { key }] of this.#trials) {
      if (account.health.status !== 'probing' || !account.keys.has(key)) this.#trials.delete(account)
    }
    for (const [key, { account }] of this.#keyTrials) {
      if (key.health.status !== 'probing' || key.trial === null || account !== key.account)
        this.#keyTrials.delete(key)
    }
    const eligible = [...this.keys.values()].filter(
      (key) => ineligibleReasonOf(key, this.#concurrency) === undefined,
    )
    // Keys whose cooldown ended since are added by the next `take`. No other key is missing, and none is there twice.
    expect(new Set(candidates)).toEqual(new Set(eligible))
    const held = [...keyring.accounts.values()].flatMap((account) => [...account.keys])
    expect(new Set(held)).toEqual(new Set(this.keys.values()))
    expect(held).toHaveLength(this.keys.size)
    for (const key of this.keys.values()) {
      expect(key.inFlight).toBe(this.#countOf((grant) => grant.key === key))
      expect(key.account.inFlight).toBe(this.#countOf((grant) => grant.account === key.account))
      if (key.trial !== null) expect(key.health.status).toBe('probing')
      if (key.trial !== null) expect(this.open).toContain(key.trial)
      this.#checkLimits(key.account)
      const { trial, health } = key.account
      if (trial === null) continue
      expect(health.status).toBe('probing')
      expect(this.open).toContain(trial)
    }
  }
}

interface WorldOptions {
  readonly concurrency?: Concurrency
  readonly limits?: Readonly<Record<string, Limits>>
  readonly probes?: boolean
}

const worlds = fc.record({
  concurrency: fc.record({
    key: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
    account: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
    pool: fc.constantFrom(4, Number.POSITIVE_INFINITY),
  }),
  limits: fc.constantFrom({}, { m: { RPM: 3 } }, { m: { RPM: 2, RPD: 9 } }, { '*': { RPH: 5 } }),
  probes: fc.boolean(),
})

it('the keyring never gives a key that must not serve, and never loses or doubles a candidate', () => {
  assertProperty(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }),
      fc.integer(),
      worlds,
      (steps, seed, options) => {
        const world = new World(seed, options)
        for (let at = 0; at < 4; at++) world.play({ do: 'add', name: at })
        for (const each of steps) {
          world.play(each)
          world.check()
        }
      },
    ),
    { numRuns: sized(60, 300) },
  )
})

it('the keyring keeps its state consistent while the clock jumps back and forth', () => {
  assertProperty(
    fc.property(
      fc.array(fc.oneof({ weight: 20, arbitrary: step }, shift), {
        minLength: 20,
        maxLength: 120,
        size: 'max',
      }),
      (steps) => {
        const world = new World(1)
        for (let at = 0; at < 4; at++) world.play({ do: 'add', name: at })
        for (const each of steps) {
          world.explicit.clear()
          world.play(each)
          world.check()
        }
      },
    ),
    { numRuns: sized(50, 200) },
  )
})

it('the keyring lets every key serve again once the upstream is well, however the clock jumped before', () => {
  const jumpy = fc.array(fc.oneof({ weight: 10, arbitrary: step }, shift), { maxLength: 80, size: 'max' })
  assertProperty(
    fc.property(jumpy, (steps) => {
      const world = new World(2)
      for (let at = 0; at < 4; at++) world.play({ do: 'add', name: at })
      for (const each of steps) {
        world.explicit.clear()
        world.play(each)
      }
      const { keyring, runtime, take, settle } = world.under
      for (const grant of world.open.splice(0)) settle(grant, { kind: 'success' })
      // The jump must be seen before more time passes: there is no other clock to measure it by.
      const look = take('m')
      if ('key' in look) settle(look, { kind: 'aborted' })
      // A day and a bit outlasts every cooldown; each account may need a trial first.
      runtime.advance(25 * 3_600_000)
      for (let call = 0; call < 40; call++) {
        const taken = take('m')
        if ('key' in taken) settle(taken, { kind: 'success' })
      }
      const served = new Set<Key>()
      for (let call = 0; call < 40; call++) {
        // Refusals may have taught that one call a minute is all there is.
        runtime.advance(61_000)
        const taken = take('m')
        if ('key' in taken) served.add(taken.key)
        if ('key' in taken) settle(taken, { kind: 'success' })
      }
      const fit = [...keyring.keys.values()].filter(
        ({ enabled, selected, health, account }) =>
          enabled && selected && health.status === 'ready' && account.health.status !== 'invalid',
      )
      expect(served).toEqual(new Set(fit))
    }),
    { numRuns: sized(50, 200) },
  )
})

it('the keyring picks the same keys for the same seed, whatever happens', () => {
  const play = (steps: readonly Step[], seed: number, options: WorldOptions): string[] => {
    const world = new World(seed, options)
    for (let at = 0; at < 4; at++) world.play({ do: 'add', name: at })
    for (const each of steps) world.play(each)
    return world.picks
  }
  assertProperty(
    fc.property(
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.integer(),
      worlds,
      (steps, seed, options) => {
        expect(play(steps, seed, options)).toEqual(play(steps, seed, options))
      },
    ),
    { numRuns: 50 },
  )
})
