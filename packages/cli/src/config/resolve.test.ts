import { describe, expect, it } from 'vitest'
import { CliError } from '../cli-error.js'
import { resolveSettings, type Source } from './resolve.js'
import type { SettingName } from './settings.js'
import { environmentSource, fileSource, flagSource } from './sources.js'

const directory = '/project'

interface Given {
  flags?: Record<string, unknown>
  environment?: Record<string, string>
  local?: Record<string, unknown>
  user?: Record<string, unknown>
}

function sources({ flags = {}, environment = {}, local = {}, user = {} }: Given): Source[] {
  return [
    flagSource(flags, directory),
    environmentSource(environment, directory),
    fileSource('/project/sfpool.config.yaml', local),
    fileSource('/home/someone/.config/sfpool/config.json', user),
  ]
}

const resolved = (name: SettingName, given: Given) => {
  const { settings, origins } = resolveSettings([name], sources(given))
  return [settings[name], origins[name]]
}

const failure = (name: SettingName, given: Given): string => {
  try {
    resolveSettings([name], sources(given))
  } catch (error) {
    if (error instanceof CliError && error.exitCode === 2) return error.message
    throw error
  }
  throw new Error(`${name} was accepted`)
}

describe('resolveSettings', () => {
  const everywhere = {
    flags: { port: '1' },
    environment: { SFPOOL_PORT: '2', PORT: '3' },
    local: { port: 4 },
    user: { port: 5 },
  }
  it.each([
    ['the flag', everywhere, 1, '--port'],
    ['the variable named after the flag', { ...everywhere, flags: {} }, 2, 'SFPOOL_PORT'],
    ['the other variables', { ...everywhere, flags: {}, environment: { PORT: '3' } }, 3, 'PORT'],
    [
      'the settings file of the directory',
      { local: { port: 4 }, user: { port: 5 } },
      4,
      '/project/sfpool.config.yaml at port',
    ],
    [
      "the user's settings file",
      { user: { port: 5 } },
      5,
      '/home/someone/.config/sfpool/config.json at port',
    ],
    ['the fallback', {}, 3838, undefined],
  ])('a setting comes from %s, unless a nearer source sets it', (_, given, value, origin) => {
    expect(resolved('port', given)).toEqual([value, origin])
  })

  it('resolveSettings ignores empty variables', () => {
    expect(resolved('port', { environment: { SFPOOL_PORT: '', PORT: ' ' } })).toEqual([3838, undefined])
  })

  it('resolveSettings accepts the variables of other load balancers', () => {
    expect(resolved('baseUrl', { environment: { SILICONFLOW_BASE_URL: 'http://127.0.0.1:1/v1' } })[0]).toBe(
      'http://127.0.0.1:1/v1',
    )
    expect(resolved('clientKey', { environment: { LB_API_KEY: 'abc' } })[0]).toEqual(['abc'])
    expect(resolved('adminKey', { environment: { ADMIN_PASSWORD: 'late', LB_ADMIN_KEY: 'early' } })[0]).toBe(
      'early',
    )
  })
})

describe('parsing of values', () => {
  const cases: [name: SettingName, given: Given, value: unknown][] = [
    ['json', { flags: { json: true } }, true],
    ['json', { environment: { SFPOOL_JSON: '0' } }, false],
    ['color', { flags: { color: false } }, false],
    ['color', { environment: { SFPOOL_NO_COLOR: '1' } }, false],
    ['color', { local: { color: true } }, true],
    ['interval', { flags: { interval: '500' } }, { minMs: 500, maxMs: 500 }],
    ['interval', { flags: { interval: '200-900' } }, { minMs: 200, maxMs: 900 }],
    ['interval', { local: { interval: 0 } }, { minMs: 0, maxMs: 0 }],
    ['failOn', { flags: { failOn: 'invalid, unknown,' } }, ['invalid', 'unknown']],
    ['failOn', { local: { 'fail-on': ['limited'] } }, ['limited']],
    ['clientKey', { flags: { clientKey: ['a,b', 'c'] } }, ['a,b', 'c']],
    ['store', { flags: { store: 'memory:' } }, { kind: 'memory' }],
    ['store', { flags: { store: 'file:pool.db' } }, { kind: 'file', path: '/project/pool.db' }],
    ['store', { flags: { store: 'file:///data/pool.db' } }, { kind: 'file', path: '/data/pool.db' }],
    ['store', { user: { store: 'pool.db' } }, { kind: 'file', path: '/home/someone/.config/sfpool/pool.db' }],
    ['keys', { local: { keys: 'keys.txt' } }, '/project/keys.txt'],
    ['file', { flags: { file: '-' } }, '-'],
    ['balance', { local: { balance: 12.5 } }, '12.5'],
    ['timeoutFirstByte', { local: { timeoutFirstByte: 0 } }, 0],
    ['strategy', { flags: { strategy: 'fastest' } }, 'fastest'],
    [
      'strategy',
      { environment: { SFPOOL_STRATEGY: '{"name":"fastest","decayMs":5000}' } },
      { name: 'fastest', decayMs: 5_000 },
    ],
    ['limits', { local: { limits: { models: { '*': { RPM: 10 } } } } }, { models: { '*': { RPM: 10 } } }],
    ['limits', { environment: { SFPOOL_LIMITS: '{"learn":false}' } }, { learn: false }],
    ['pacing', { environment: { SFPOOL_PACING: 'true' } }, true],
    ['leaseTimeoutMs', { environment: { SFPOOL_LEASE_TIMEOUT_MS: '5000' } }, 5_000],
    ['leaseTimeoutMs', { local: { 'lease-timeout-ms': 5_000 } }, 5_000],
    ['hedging', { environment: { SFPOOL_HEDGING: 'true' } }, true],
    ['retryBudget', { environment: { SFPOOL_RETRY_BUDGET: '{"maxShare":0.1}' } }, { maxShare: 0.1 }],
    ['retryBudget', { local: { retryBudget: { perSecond: 5 } } }, { perSecond: 5 }],
    ['models', { local: { models: { aliases: { a: 'b' } } } }, { aliases: { a: 'b' } }],
    [
      'timeouts',
      { environment: { SFPOOL_TIMEOUTS: '{"models":{"a":{"idle":5}}}' } },
      { models: { a: { idle: 5 } } },
    ],
    ['mode', { environment: { SFPOOL_MODE: 'single' } }, 'single'],
    ['selected', { environment: { SFPOOL_SELECTED: 'first, 12' } }, ['first', '12']],
    ['selected', { environment: { SFPOOL_SELECTED: '["one, two"]' } }, ['one, two']],
    ['selected', { local: { selected: ['one, two'] } }, ['one, two']],
  ]
  it.each(cases)('the setting %s is parsed from %j', (name, given, value) => {
    expect(resolved(name, given)[0]).toEqual(value)
  })
})

describe('a wrong value', () => {
  const cases: [name: SettingName, given: Given, message: string][] = [
    [
      'port',
      { flags: { port: 'abc' } },
      '--port must be a whole number from 0 to 65535; received "abc" (from --port)',
    ],
    [
      'port',
      { environment: { PORT: '70000' } },
      '--port must be a whole number from 0 to 65535; received "70000" (from PORT)',
    ],
    [
      'port',
      { local: { port: 1.5 } },
      '--port must be a whole number from 0 to 65535; received 1.5 (from /project/sfpool.config.yaml at port)',
    ],
    ['site', { flags: { site: 'eu' } }, '--site must be one of cn, com; received "eu" (from --site)'],
    [
      'store',
      { flags: { store: 'redis://localhost' } },
      '--store must be memory:, file:<path> or libsql://<host>?authToken=<token>; received "redis://localhost" (from --store)',
    ],
    [
      'interval',
      { flags: { interval: '9-1' } },
      '--interval must be a duration such as 500 (milliseconds) or 10s, or a range such as 200-900, up to 2147483647 milliseconds; received "9-1" (from --interval)',
    ],
    [
      'limits',
      { environment: { SFPOOL_LIMITS: '{"learn":' } },
      'limits must be valid JSON; received "{\\"learn\\":" (from SFPOOL_LIMITS)',
    ],
    [
      'timeoutIdle',
      { flags: { timeoutIdle: '-1' } },
      '--timeout-idle must be a duration such as 500 (milliseconds), 10s, 5m or 1h30m, from 0 to 2147483647 milliseconds; received "-1" (from --timeout-idle)',
    ],
    [
      'timeoutStalled',
      { flags: { timeoutStalled: '99999999999' } },
      '--timeout-stalled must be a duration such as 500 (milliseconds), 10s, 5m or 1h30m, from 0 to 2147483647 milliseconds; received "99999999999" (from --timeout-stalled)',
    ],
    [
      'status',
      { flags: { status: 'ready,dead' } },
      '--status must be one or more of ready, cooling, probing, exhausted, invalid, disabled, separated by commas; received "ready,dead" (from --status)',
    ],
    [
      'baseUrl',
      { flags: { baseUrl: 'ftp://example.test' } },
      '--base-url must be an http or https URL without credentials, query or fragment; received "ftp://example.test" (from --base-url)',
    ],
  ]
  it.each(cases)(
    'the error for a wrong %s in %j names option, rule, value and origin',
    (name, given, message) => {
      expect(failure(name, given)).toBe(message)
    },
  )

  it('all wrong values are reported together', () => {
    const given = { flags: { port: 'x', host: '' } }
    expect(() => resolveSettings(['host', 'port'], sources(given))).toThrow(/--host[^\n]*\n--port/)
  })

  it('a wrong value that is a secret is never shown', () => {
    const message = failure('adminKey', { flags: { adminKey: 'two words' } })
    expect(message).toContain('received 9 characters')
    expect(message).not.toContain('words')
    const several = failure('clientKey', { flags: { clientKey: ['fine', 'two words'] } })
    expect(several).toContain('received 4 characters and 9 characters')
    expect(several).not.toContain('words')
    expect(failure('baseUrl', { flags: { baseUrl: 'http://me:hush@127.0.0.1/' } })).not.toContain('hush')
  })
})

describe('settings file', () => {
  it('a settings file may use the names of the flags', () => {
    expect(resolved('baseUrl', { local: { 'base-url': 'http://127.0.0.1:9' } })[1]).toContain('at base-url')
  })

  it('a settings file with an unknown name is refused, and the error names the setting that was meant', () => {
    const refusalOf = (content: object): unknown => {
      try {
        return fileSource('a.json', content)
      } catch (error) {
        return error
      }
    }
    expect(refusalOf({ prot: 1 })).toMatchObject({
      message: 'a.json at prot: no setting has this name',
      hint: 'Did you mean port?',
      exitCode: 2,
    })
    expect(refusalOf({ frobnicate: 1 })).toMatchObject({ hint: 'All names: sfpool config list --all' })
  })

  it.each(['yes', 'reveal'])('a settings file cannot give the consent --%s', (name) => {
    expect(() => fileSource('a.json', { [name]: true })).toThrow('on the command line only')
  })

  it('a settings file may be empty, but not a list', () => {
    expect(() => fileSource('a.yaml', null)).not.toThrow()
    expect(() => fileSource('a.yaml', ['port'])).toThrow('must hold settings by name')
  })
})
