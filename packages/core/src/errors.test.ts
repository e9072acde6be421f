import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ConfigError, type ErrorCode, errorType, KeyPoolError, withheld } from './errors.js'

/** Every code with the status it is answered with. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  all_keys_cooling: 429,
  all_keys_exhausted: 402,
  all_keys_invalid: 503,
  body_too_large: 413,
  invalid_client_key: 401,
  invalid_config: 500,
  no_keys: 503,
  overloaded: 503,
  pool_closed: 503,
  queue_full: 429,
  request_aborted: 499,
  request_timeout: 408,
  store_conflict: 409,
  store_failed: 500,
  stream_interrupted: 502,
  unknown_key: 404,
  upstream_timeout: 504,
  upstream_unreachable: 502,
}

describe('an error of the pool', () => {
  it('is an Error with a code, the status of the code, and data to act on', () => {
    const cause = new Error('below')
    const error = new KeyPoolError('all_keys_cooling', 'wait', { retryAfterMs: 500, attempts: 3, cause })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'KeyPoolError',
      message: 'wait',
      code: 'all_keys_cooling',
      status: 429,
      retryAfterMs: 500,
      attempts: 3,
      cause,
    })
  })

  it.each(Object.entries(statuses) as [ErrorCode, number][])('%s is answered with %i', (code, status) => {
    expect(new KeyPoolError(code, '').status).toBe(status)
  })

  it('has no cause when there is none', () => {
    expect('cause' in new KeyPoolError('no_keys', '')).toBe(false)
  })

  it('is known as such even when it comes from another copy of the package', async () => {
    const path = `./errors.js?copy=${1}`
    const copy = (await import(path)) as typeof import('./errors.js')
    expect(copy.KeyPoolError).not.toBe(KeyPoolError)
    expect(KeyPoolError.isInstance(new copy.KeyPoolError('no_keys', ''))).toBe(true)
    expect(copy.KeyPoolError.isInstance(new ConfigError('a', 'b', 'c'))).toBe(true)
  })

  it.each([null, undefined, 'no_keys', new Error('no_keys'), { code: 'no_keys' }])('is not %s', (value) => {
    expect(KeyPoolError.isInstance(value)).toBe(false)
  })

  it('is answered in OpenAI’s shape', () => {
    expect(new KeyPoolError('no_keys', 'add one').toBody()).toEqual({
      error: { message: 'add one', type: 'server_error', code: 'no_keys', param: null },
    })
  })

  it.each([
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'insufficient_quota'],
    [403, 'permission_error'],
    [404, 'not_found_error'],
    [413, 'invalid_request_error'],
    [429, 'rate_limit_error'],
    [500, 'server_error'],
    [503, 'server_error'],
  ])('of status %i has OpenAI’s type %s', (status, type) => {
    expect(errorType(status)).toBe(type)
  })
})

describe('the reference of errors', () => {
  const page = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8')
  const rows = new Map(
    [...page.matchAll(/^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(([, code, ...cells]) => [
      code,
      cells,
    ]),
  )

  it.each(Object.entries(statuses))(
    'has cause and remedy of %s, and its status where it has one',
    (code, status) => {
      const [shown = '', cause = '', remedy = ''] = rows.get(code) ?? []
      expect(cause.trim()).not.toBe('')
      expect(remedy.trim()).not.toBe('')
      const number = /\d+/.exec(shown)?.[0]
      if (number !== undefined) expect(Number(number)).toBe(status)
    },
  )
})

describe('an error of configuration', () => {
  const received = (value: unknown): string =>
    new ConfigError('option', 'must be right', value).message.replace('option must be right; received ', '')

  it('names the option, the rule and what was received', () => {
    expect(new ConfigError('timeouts.idle', 'must not be negative', -5)).toMatchObject({
      name: 'ConfigError',
      code: 'invalid_config',
      option: 'timeouts.idle',
      rule: 'must not be negative',
      message: 'timeouts.idle must not be negative; received -5',
    })
  })

  it.each([
    ['text', '"text"'],
    ['a'.repeat(41), '"aaaaa…"'],
    [5, '5'],
    [Number.NaN, 'NaN'],
    [10n, '10'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('x'), 'Symbol(x)'],
    [[1, 2, 3], 'an array of 3'],
    [{ a: 1, b: 2 }, 'an object (a, b)'],
    [() => 'source code', 'a function'],
    [withheld, 'a value that is not shown, because it may be a secret'],
  ])('shows %s as %s', (value, shown) => {
    expect(received(value)).toBe(shown)
  })

  it.each([
    'sk-canarycanarycanarycanary',
    'key=sk-canarycanarycanary',
    'https://canary:canary@127.0.0.1/v1',
    { 'sk-canarycanarycanarycanary': 1 },
    ['sk-canarycanarycanarycanary'],
    `${' '.repeat(40)}canary`,
  ])('shows no secret in what was received: %j', (value) => {
    expect(received(value)).not.toContain('canary')
  })
})
