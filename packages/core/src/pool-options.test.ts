import { describe, expect, it } from 'vitest'
import { ConfigError } from './errors.js'
import { checkOptions, type PoolOptions } from './pool-options.js'
import { siliconflow } from './provider/siliconflow.js'
import { memoryStore } from './store/memory/memory-store.js'
import { fakeRuntime } from './testing/fake-runtime.js'

const error = (options: unknown): ConfigError => {
  try {
    checkOptions(options as PoolOptions)
  } catch (caught) {
    if (caught instanceof ConfigError) return caught
    throw caught
  }
  throw new Error('nothing was wrong')
}

describe('the log of requests', () => {
  it.each<[string, unknown, unknown]>([
    ['a month by default', undefined, { rows: 100_000, days: 30, megabytes: 64 }],
    [
      'what is given, and the defaults beside it',
      { keep: { rows: 5 } },
      { rows: 5, days: 30, megabytes: 64 },
    ],
    ['nothing when that is wanted', { keep: false }, null],
  ])('a pool keeps %s of its requests', (_what, log, requestKeep) => {
    expect(checkOptions({ log } as PoolOptions).requestKeep).toEqual(requestKeep)
  })

  it.each<[unknown, string]>([
    [{ keep: { rows: 0 } }, 'log.keep.rows must be at least 1; false keeps none'],
    [{ keep: { rows: 1.5 } }, 'log.keep.rows must be a whole number'],
    [{ keep: { days: -1 } }, 'log.keep.days must be above 0'],
    [{ keep: { megabytes: 'a lot' } }, 'log.keep.megabytes must be a number'],
    [{ keep: { hours: 1 } }, 'log.keep.hours is not an option'],
    [{ keep: true }, 'log.keep must be false or an object'],
    [{ rows: 1 }, 'log.rows is not an option'],
  ])('a pool refuses %j for the log of requests', (log, message) => {
    expect(error({ log }).message).toContain(message)
  })
})

describe('the options of a pool', () => {
  it('are completed, each default in one place', () => {
    expect(checkOptions({})).toMatchObject({
      keys: [],
      provider: { name: 'siliconflow', site: 'cn' },
      policy: { strategy: 'round-robin', queue: { limit: 1_000, maxWaitMs: 15_000 }, pacing: null },
      store: undefined,
      timeouts: {
        common: { connect: 10_000, firstByte: 300_000, firstOutput: 600_000, idle: 300_000, total: 0 },
      },
      replayLimit: 16 * 1024 * 1024,
      errors: 'openai',
    })
  })

  it('count as not given when they are given as undefined', () => {
    const nothing = { timeouts: { idle: undefined }, runtime: { now: undefined }, strategy: undefined }
    const { timeouts, runtime, policy } = checkOptions(nothing as unknown as PoolOptions)
    expect(timeouts.common.idle).toBe(300_000)
    expect(runtime.now()).toBeTypeOf('number')
    expect(policy.strategy).toBe('round-robin')
  })

  it('are taken where they are given', () => {
    const strategy = { add: () => {}, remove: () => {}, pick: () => undefined }
    const given = {
      keys: [
        'sk-fake-a',
        { secret: ' sk-fake-b\n', account: ' acme ', weight: 2, label: 'team', balance: '12.50' },
      ],
      provider: siliconflow({ site: 'com' }),
      strategy,
      store: memoryStore(),
      timeouts: { total: 60_000 },
      replayLimit: 0,
      errors: 'passthrough',
      runtime: fakeRuntime(),
    } as const
    const { strategy: _, ...rest } = given
    expect(checkOptions(given).policy.strategy).toBe(strategy)
    expect(checkOptions(given)).toMatchObject({
      ...rest,
      keys: [{ secret: 'sk-fake-a' }, { secret: 'sk-fake-b', account: 'acme', weight: 2 }],
      timeouts: { common: { connect: 10_000, total: 60_000 } },
      runtime: { now: given.runtime.now, setTimer: given.runtime.setTimer },
    })
  })

  it('are read, never written: frozen ones do as well', () => {
    const key = Object.freeze({ secret: ' sk-fake-a ' })
    const options = Object.freeze({
      keys: Object.freeze([key]),
      timeouts: Object.freeze({ idle: 1 }),
      runtime: Object.freeze({ now: () => 5 }),
    })
    expect(checkOptions(options)).toMatchObject({
      keys: [{ secret: 'sk-fake-a' }],
      timeouts: { common: { idle: 1 } },
    })
    expect(key.secret).toBe(' sk-fake-a ')
  })

  it.each([
    ['https://127.0.0.1:1', 'https://127.0.0.1:1/v1'],
    ['http://127.0.0.1:1/v1/', 'http://127.0.0.1:1/v1'],
  ])('may name another address: %s', (baseURL, site) => {
    expect(checkOptions({ baseURL }).provider.sites.cn).toBe(site)
    expect(checkOptions({ baseURL, site: 'com' }).provider.sites.com).toBe(site)
    expect(checkOptions({ baseURL, provider: 'openai' }).provider).toMatchObject({ name: 'openai' })
    expect(checkOptions({ baseURL, provider: 'generic' }).provider.sites).toEqual({ default: site })
  })
})

describe('a wrong option', () => {
  it.each<[unknown, string]>([
    [null, 'options must be an object; received null'],
    ['sk-fake', 'options must be an object; received "sk-fake"'],
    [{ apiKeys: [] }, 'apiKeys is not an option; received'],
    [{ keys: {} }, 'keys must be an array of keys; received an object ()'],
    [
      { provider: 'azure' },
      "provider must be 'siliconflow', 'openai', 'deepseek', 'generic' or a provider object; received \"azure\"",
    ],
    [
      { provider: {} },
      "provider must be 'siliconflow', 'openai', 'deepseek', 'generic' or a provider object",
    ],
    [{ provider: 'generic' }, "baseURL is needed with provider 'generic'; received undefined"],
    [{ provider: 'openai', site: 'cn' }, 'site goes with provider \'siliconflow\' only; received "cn"'],
    [{ provider: siliconflow(), baseURL: 'http://127.0.0.1' }, 'baseURL is for the provider object to say'],
    [{ site: 'us' }, "site must be 'cn' or 'com'; received \"us\""],
    [{ baseURL: 5 }, 'baseURL must be an http or https URL; received 5'],
    [
      { baseURL: 'api.siliconflow.cn' },
      'baseURL must be an http or https URL; received "api.siliconflow.cn"',
    ],
    [
      { strategy: 'quickest' },
      'strategy must be one of round-robin, random, weighted, sequential, least-in-flight',
    ],
    [{ strategy: { pick: () => undefined } }, 'strategy must be one of'],
    [{ store: { load: () => {} } }, 'store must be a store; received an object (load)'],
    [
      { timeouts: 5 },
      'timeouts must be an object of connect, firstByte, firstOutput, idle, stalled, total and models; received 5',
    ],
    [{ timeouts: { idle: '5' } }, 'timeouts.idle must be a number of milliseconds; received "5"'],
    [{ timeouts: { idle: Number.NaN } }, 'timeouts.idle must be a number of milliseconds; received NaN'],
    [{ timeouts: { idle: -1 } }, 'timeouts.idle must not be negative; received -1'],
    [
      { timeouts: { idle: 2 ** 31 } },
      'timeouts.idle must not be above 2147483647, which is 24 days; 0 means no limit',
    ],
    [{ timeouts: { idle: Number.POSITIVE_INFINITY } }, 'timeouts.idle must not be above 2147483647'],
    [{ timeouts: { conect: 5 } }, 'timeouts.conect is not an option; received'],
    [{ replayLimit: 1.5 }, 'replayLimit must be a whole number; received 1.5'],
    [{ replayLimit: -1 }, 'replayLimit must not be negative; received -1'],
    [{ replayLimit: '1mb' }, 'replayLimit must be a number of bytes; received "1mb"'],
    [{ errors: 'raw' }, "errors must be 'openai' or 'passthrough'; received \"raw\""],
    [
      { runtime: 5 },
      'runtime must be an object of now, monotonic, random, setTimer and clearTimer; received 5',
    ],
    [{ runtime: { now: 5 } }, 'runtime.now must be a function; received 5'],
    [{ transport: {} }, 'transport must be a transport; received an object ()'],
  ])('%j is refused with the option, the rule and the value', (options, message) => {
    expect(error(options).message).toContain(message)
  })
})

describe('a wrong key', () => {
  it.each<[unknown, string]>([
    ['', 'keys[1].secret must not be empty'],
    ['  ', 'keys[1].secret must not be empty'],
    ['sk-fake key', 'keys[1].secret must hold visible ASCII characters only'],
    ['sk-fäke', 'keys[1].secret must hold visible ASCII characters only'],
    ['sk-fake\u0000', 'keys[1].secret must hold visible ASCII characters only'],
    [5, 'keys[1] must be a string or an object with a secret; received 5'],
    [null, 'keys[1] must be a string or an object with a secret; received null'],
    [{}, 'keys[1].secret is needed; received undefined'],
    [{ secret: 5 }, 'keys[1].secret must be a string; received 5'],
    [{ secret: 'sk-fake', wieght: 2 }, 'keys[1].wieght is not an option; received'],
    [{ secret: 'sk-fake', weight: 0 }, 'keys[1].weight must be from 0.001 to 1000; received 0'],
    [{ secret: 'sk-fake', weight: -1 }, 'keys[1].weight must be from 0.001 to 1000; received -1'],
    [{ secret: 'sk-fake', weight: 1e9 }, 'keys[1].weight must be from 0.001 to 1000; received 1000000000'],
    [{ secret: 'sk-fake', weight: Number.NaN }, 'keys[1].weight must be a number; received NaN'],
    [{ secret: 'sk-fake', account: ' ' }, 'keys[1].account must not be empty'],
    [{ secret: 'sk-fake', label: 5 }, 'keys[1].label must be a string; received 5'],
    [{ secret: 'sk-fake', enabled: 'no' }, 'keys[1].enabled must be true or false; received "no"'],
    [{ secret: 'sk-fake', site: 'us' }, 'keys[1].site must be one of cn, com; received "us"'],
    [{ secret: 'sk-fake', balance: 12.5 }, 'keys[1].balance must be a decimal string; received 12.5'],
    [{ secret: 'sk-fake', balance: '12,50' }, 'keys[1].balance must be a decimal string as in "12.50"'],
  ])('%j is refused, with its place in the list', (key, message) => {
    expect(error({ keys: ['sk-fake-first', key] }).message).toContain(message)
  })

  it.each<[unknown]>([
    [{ keys: 'canary' }],
    [{ keys: 'canary,canary' }],
    [{ keys: ['canary canary'] }],
    [{ keys: [['canary canary']] }],
    [{ keys: [{ secret: 'canary\ncanary' }] }],
    [{ keys: [{ token: 'canary' }] }],
    [{ keys: [{ secret: { value: 'canary' } }] }],
    [{ keys: [{ secret: 'sk-fake', 'sk-canarycanarycanary': true }] }],
    [{ 'sk-canarycanarycanary': true }],
    [{ baseURL: 'ftp://user:canary@127.0.0.1' }],
    [{ baseURL: 'https://user:canary@127.0.0.1/v1' }],
    [{ strategy: 'sk-canarycanarycanary' }],
  ])('and a secret in the wrong place is not repeated: %j', (options) => {
    const { message, option, rule, stack } = error(options)
    expect([message, option, rule, stack].join('\n')).not.toContain('canary')
  })
})
