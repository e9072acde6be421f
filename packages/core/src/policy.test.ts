import { describe, expect, it } from 'vitest'
import { ConfigError } from './errors.js'
import { type PolicyOptions, policyOf } from './policy.js'
import { checkOptions, type PoolOptions } from './pool-options.js'
import { checkModeInput } from './selection/rules-schema.js'
import { strategyNames } from './strategy/named.js'

const error = (act: () => unknown): ConfigError => {
  try {
    act()
  } catch (caught) {
    if (caught instanceof ConfigError) return caught
    throw caught
  }
  throw new Error('nothing was wrong')
}

const errorOf = (options: unknown): ConfigError => error(() => checkOptions(options as PoolOptions))

const wholeNumbers: [unknown, string, string][] = [
  ['1', 'must be a number', 'received "1"'],
  [Number.NaN, 'must be a number', 'received NaN'],
  [1.5, 'must be a whole number', 'received 1.5'],
  [Number.POSITIVE_INFINITY, 'must be a whole number', 'received Infinity'],
  [null, 'must be a number', 'received null'],
  [[], 'must be a number', 'received an array of 0'],
]
const counts: [unknown, string, string][] = [
  ...wholeNumbers,
  [-1, 'must be at least 1', 'received -1'],
  [0, 'must be at least 1', 'received 0'],
]
const fromZero: [unknown, string, string][] = [...wholeNumbers, [-1, 'must not be negative', 'received -1']]
const limitValues: [unknown, string, string][] = [
  ['60', 'must be a number', 'received "60"'],
  [Number.NaN, 'must be a number', 'received NaN'],
  [Number.POSITIVE_INFINITY, 'must be a finite number', 'received Infinity'],
  [-1, 'must not be negative', 'received -1'],
]
const booleans: [unknown, string, string][] = [
  ['yes', 'must be true or false', 'received "yes"'],
  [1, 'must be true or false', 'received 1'],
]

/** The options that hold a value at that path. */
function at(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)
}

describe('a number or switch that is wrong is named with its rule and its value:', () => {
  it.each<[string, readonly string[], [unknown, string, string][]]>([
    ['limits.concurrency.key', ['limits', 'concurrency', 'key'], counts],
    ['limits.concurrency.account', ['limits', 'concurrency', 'account'], counts],
    ['limits.concurrency.pool', ['limits', 'concurrency', 'pool'], counts],
    ['limits.models.m.RPM', ['limits', 'models', 'm', 'RPM'], limitValues],
    ['limits.models.Pro/*.TPD', ['limits', 'models', 'Pro/*', 'TPD'], limitValues],
    ['limits.accounts.acme.m.IPM', ['limits', 'accounts', 'acme', 'm', 'IPM'], limitValues],
    ['catalogue.m.limits.RPH', ['catalogue', 'm', 'limits', 'RPH'], limitValues],
    ['limits.learn', ['limits', 'learn'], booleans],
    ['health.failureThreshold', ['health', 'failureThreshold'], counts],
    ['health.probes', ['health', 'probes'], booleans],
    [
      'health.maxEjected',
      ['health', 'maxEjected'],
      [
        ['0.1', 'must be a number', 'received "0.1"'],
        [-0.1, 'must be from 0 to 1', 'received -0.1'],
        [1.1, 'must be from 0 to 1', 'received 1.1'],
        [10, 'must be from 0 to 1', 'received 10'],
      ],
    ],
    [
      'retryBudget.maxShare',
      ['retryBudget', 'maxShare'],
      [
        ['0.2', 'must be a number', 'received "0.2"'],
        [-0.1, 'must be from 0 to 1', 'received -0.1'],
        [2, 'must be from 0 to 1', 'received 2'],
      ],
    ],
    ['retryBudget.perSecond', ['retryBudget', 'perSecond'], fromZero],
    [
      'queue.maxRetryAfterMs',
      ['queue', 'maxRetryAfterMs'],
      [
        ['60', 'must be a number of milliseconds', 'received "60"'],
        [-1, 'must not be negative', 'received -1'],
      ],
    ],
    ['queue.limit', ['queue', 'limit'], fromZero],
    ['pacing.inFlight', ['pacing', 'inFlight'], counts],
    // A text in a place of that name might be a key, so it is not shown.
    ['pacing.keys', ['pacing', 'keys'], counts.slice(1)],
    ['pacing.windowMs', ['pacing', 'windowMs'], counts],
    ['leaseTimeoutMs', ['leaseTimeoutMs'], counts],
    ['sessions.prefixBytes', ['sessions', 'prefixBytes'], counts],
    ['catalogue.m.free', ['catalogue', 'm', 'free'], booleans],
    ['catalogue.m.chargedOnly', ['catalogue', 'm', 'chargedOnly'], booleans],
    ['rules.large.aboveTokens', ['rules', 'large', 'aboveTokens'], fromZero],
  ])('%s', (option, path, wrong) => {
    for (const [value, rule, received] of wrong) {
      const given =
        option === 'rules.large.aboveTokens'
          ? { rules: { large: { strategy: 'random', aboveTokens: value } } }
          : at(path, value)
      const { message } = errorOf(given)
      expect(message).toContain(`${option} `)
      expect(message).toContain(rule)
      expect(message).toContain(received)
    }
  })

  it('queue.maxWaitMs, as every other duration', () => {
    for (const value of ['15s', -1, Number.NaN]) {
      const { message } = errorOf({ queue: { maxWaitMs: value } })
      expect(message).toMatch(/^queue\.maxWaitMs must .*; received /)
    }
  })
})

describe('a strategy that is wrong', () => {
  const places: [string, (strategy: unknown) => unknown][] = [
    ['strategy', (strategy) => ({ strategy })],
    ['rules.free', (free) => ({ rules: { free } })],
    ['rules.stream', (stream) => ({ rules: { stream } })],
    ['rules.large.strategy', (strategy) => ({ rules: { large: { strategy } } })],
    ['rules.models.m.strategy', (strategy) => ({ rules: { models: { m: { strategy } } } })],
  ]

  it.each(places)('as %s is refused with all the names that there are', (option, place) => {
    const { message } = errorOf(place('fairest'))
    expect(message).toBe(`${option} must be one of ${strategyNames.join(', ')}; received "fairest"`)
    for (const value of [1, {}, { add: () => {}, remove: () => {} }, { pick: () => {} }, null]) {
      const wrong = errorOf(place(value))
      expect(wrong.message).toContain(`${option} must`)
      expect(wrong.message).toContain('add, remove and pick')
    }
  })

  it.each<[unknown, string]>([
    [{ name: 'random' }, "strategy.name must name 'weighted-score', 'fastest' or 'sticky'"],
    [{ name: 'weighted-score', weights: { balance: 0, success: 0 } }, 'strategy.weights must not all be 0'],
    [
      { name: 'weighted-score', weights: { balance: -1 } },
      'strategy.weights.balance must not be negative; received -1',
    ],
    [
      { name: 'weighted-score', weights: { balance: 'much' } },
      'strategy.weights.balance must be a number; received "much"',
    ],
    [
      { name: 'weighted-score', weights: { rpm: Number.POSITIVE_INFINITY } },
      'strategy.weights.rpm must be a finite number',
    ],
    [{ name: 'weighted-score', weights: { price: 1 } }, 'strategy.weights.price is not an option'],
    [
      { name: 'weighted-score', weights: 1 },
      'strategy.weights must be an object of balance, success, rpm, tpm and usage',
    ],
    [{ name: 'weighted-score', decayMs: 1 }, 'strategy.decayMs is not an option'],
    [{ name: 'fastest', decayMs: 0 }, 'strategy.decayMs must be at least 1; received 0'],
    [{ name: 'sticky', maxLoad: 0.5 }, 'strategy.maxLoad must be at least 1; received 0.5'],
    [{ name: 'sticky', maxSessions: 'all' }, 'strategy.maxSessions must be a number; received "all"'],
    [{ name: 'sticky', idleMs: -1 }, 'strategy.idleMs must be at least 1; received -1'],
  ])('in its settings: %j', (strategy, message) => {
    expect(errorOf({ strategy }).message).toContain(message)
  })

  it('is refused as rule of a model, given as text, too', () => {
    expect(errorOf({ rules: { models: { m: 'fairest' } } }).message).toContain(
      'rules.models.m must be one of',
    )
    expect(errorOf({ rules: { large: 'fairest' } }).message).toContain('rules.large must be one of')
  })
})

describe('what is wrong elsewhere', () => {
  it.each<[unknown, string]>([
    [{ rules: { model: {} } }, 'rules.model is not an option'],
    [{ rules: 'fair' }, 'rules must be an object of models, free, large and stream'],
    [{ limits: { models: [{ RPM: 5 }] } }, 'limits.models must be an object by model name or pattern'],
    [{ rules: { models: [] } }, 'rules.models must be an object by model name or pattern'],
    [
      { rules: { models: { m: { allow: 'a' } } } },
      'rules.models.m.allow must be a list of ids, labels, accounts or masks',
    ],
    [{ rules: { models: { m: { deny: [''] } } } }, 'rules.models.m.deny.0 must not be empty'],
    [{ rules: { models: { m: { deny: [5] } } } }, 'rules.models.m.deny.0 must be a string; received 5'],
    [{ rules: { models: { m: { allowed: [] } } } }, 'rules.models.m.allowed is not an option'],
    [{ rules: { models: { m: 7 } } }, 'rules.models.m must be the name of a strategy, or an object'],
    [{ rules: { large: { aboveTokens: 5 } } }, 'rules.large.strategy'],
    [{ limits: 5 }, 'limits must be an object of models, accounts, concurrency and learn; received 5'],
    [{ limits: { models: { m: { RPS: 1 } } } }, 'limits.models.m.RPS is not an option'],
    [{ limits: { models: { m: 60 } } }, 'limits.models.m must be an object of RPM, RPH'],
    [
      { limits: { accounts: { acme: { RPM: 5 } } } },
      'limits.accounts.acme.RPM must be an object of RPM, RPH',
    ],
    [{ limits: { accounts: [] } }, 'limits.accounts must be an object by account name'],
    [{ limits: { concurrency: { keys: 1 } } }, 'limits.concurrency.keys is not an option'],
    [{ limits: { concurrency: 5 } }, 'limits.concurrency must be an object of key, account and pool'],
    [{ health: { threshold: 1 } }, 'health.threshold is not an option'],
    [{ queue: 10 }, 'queue must be an object of limit, maxWaitMs and maxRetryAfterMs; received 10'],
    [{ retryBudget: 3 }, 'retryBudget must be an object of maxShare and perSecond; received 3'],
    [{ retryBudget: { budget: 1 } }, 'retryBudget.budget is not an option'],
    [
      { pacing: 'slow' },
      'pacing must be true, false, or an object of inFlight, keys and windowMs; received "slow"',
    ],
    [{ sessions: { by: [] } }, 'sessions.by must name at least one of header, user and prefix'],
    [
      { sessions: { by: ['cookie'] } },
      "sessions.by.0 must be 'header', 'user' or 'prefix'; received \"cookie\"",
    ],
    [{ sessions: { header: 'no such header' } }, 'sessions.header must be the name of a header'],
    [{ catalogue: { m: { price: 1 } } }, 'catalogue.m.price is not an option'],
    [{ selected: 'a' }, 'selected must be a list of ids, labels, accounts or masks of keys'],
  ])('%j', (options, message) => {
    expect(errorOf(options).message).toContain(message)
  })

  it('shows no secret that was given in the place of a name', () => {
    const secret = 'sk-fake0123456789abcdefghijklmnop'
    for (const options of [
      { mode: 'single', selected: [secret, secret] },
      { mode: 'selected', selected: [secret] },
      { strategy: secret },
      { rules: { models: { m: secret } } },
      { rules: { models: { [secret]: 5 } } },
      { limits: { accounts: { [secret]: 5 } } },
    ]) {
      expect(errorOf(options).message).not.toContain('0123456789')
    }
  })
})

describe('a policy', () => {
  it('is completed, each default in one place', () => {
    const forever = Number.POSITIVE_INFINITY
    expect(policyOf({})).toEqual({
      strategy: 'round-robin',
      rules: {},
      mode: 'all',
      selected: [],
      limits: {},
      concurrency: { key: forever, account: forever, pool: forever },
      health: { failureThreshold: 5, maxEjected: 0.1, probes: true },
      queue: { limit: 1_000, maxWaitMs: 15_000, maxRetryAfterMs: 60_000 },
      pacing: null,
      sessions: { by: ['header', 'user', 'prefix'], header: 'x-session-id', prefixBytes: 1_024 },
      catalogue: {},
      models: {},
      hedging: null,
      retryBudget: {},
      streams: {},
      leaseTimeoutMs: 600_000,
    })
  })

  it.each<[PolicyOptions['pacing'], unknown]>([
    [false, null],
    [true, { inFlight: 1, keys: 1, windowMs: 1_800_000 }],
    [{}, { inFlight: 1, keys: 1, windowMs: 1_800_000 }],
    [{ inFlight: 3 }, { inFlight: 3, keys: 1, windowMs: 1_800_000 }],
  ])('of pacing %j paces by %j', (pacing, limits) => {
    expect(policyOf(pacing === undefined ? {} : { pacing }).pacing).toEqual(limits)
  })

  it('counts what is given as undefined as not given, at every depth', () => {
    const options = {
      limits: { concurrency: { key: undefined, pool: 5 } },
      health: { failureThreshold: undefined },
      queue: { limit: undefined, maxWaitMs: undefined },
      pacing: { keys: undefined },
      sessions: { header: undefined },
    } as unknown as PolicyOptions
    const { concurrency, health, queue, pacing, sessions } = policyOf(options)
    expect(concurrency).toEqual({ key: Number.POSITIVE_INFINITY, account: Number.POSITIVE_INFINITY, pool: 5 })
    expect(health.failureThreshold).toBe(5)
    expect(queue).toEqual({ limit: 1_000, maxWaitMs: 15_000, maxRetryAfterMs: 60_000 })
    expect(pacing?.keys).toBe(1)
    expect(sessions.header).toBe('x-session-id')
  })

  it('takes every strategy by its name, with settings where it has some, and a user’s own', () => {
    for (const strategy of strategyNames) expect(checkOptions({ strategy }).policy.strategy).toBe(strategy)
    const named = [
      { name: 'weighted-score', weights: { success: 0.7, usage: 0.3 } },
      { name: 'weighted-score', weights: {} },
      { name: 'fastest', decayMs: 5_000 },
      { name: 'sticky', idleMs: 1_000, maxSessions: 5, maxLoad: 2 },
    ] as const
    for (const strategy of named) expect(checkOptions({ strategy }).policy.strategy).toEqual(strategy)
    class Own {
      readonly name = 'random'
      add(): void {}
      remove(): void {}
      pick(): undefined {}
    }
    const own = new Own()
    expect(checkOptions({ strategy: own }).policy.strategy).toBe(own)
  })
})

describe('a mode given at run time', () => {
  it.each<[unknown, unknown, string]>([
    ['some', undefined, "mode must be 'all', 'selected' or 'single'; received \"some\""],
    [5, undefined, "mode must be 'all', 'selected' or 'single'; received 5"],
    ['single', 'a', 'selected must be a list of ids, labels, accounts or masks of keys; received "a"'],
    ['single', ['a', 'b'], "selected must name exactly one key with mode 'single'; received an array of 2"],
    ['selected', [], "selected must name at least one key with mode 'selected'; received an array of 0"],
    ['all', ['a'], "selected goes with mode 'selected' or 'single' only; received an array of 1"],
  ])('%j with %j is refused', (mode, selected, message) => {
    expect(error(() => checkModeInput(mode, selected)).message).toBe(message)
  })

  it.each<[unknown, unknown]>([
    ['all', undefined],
    ['selected', ['a', 'b']],
    ['single', ['a']],
  ])('%j with %j is taken', (mode, selected) => {
    expect(() => checkModeInput(mode, selected)).not.toThrow()
  })

  it('must be there', () => {
    expect(error(() => checkModeInput(undefined, undefined)).message).toContain('mode')
  })
})
