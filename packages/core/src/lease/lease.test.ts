import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fakeToken } from '../key/testing/make-key.js'
import { KeyPool } from '../pool.js'
import type { PoolOptions } from '../pool-options.js'
import { fakeRuntime } from '../testing/fake-runtime.js'
import type { SeenAnswer } from './lease.js'
import { answerOf } from './lease.js'

async function setUp(options: PoolOptions = {}) {
  const runtime = fakeRuntime()
  const pool = new KeyPool({ keys: [fakeToken('canary')], runtime, ...options })
  onTestFinished(() => pool.close())
  await pool.ready
  const key = () => {
    const [first] = pool.keys.list()
    if (first === undefined) throw new Error('the pool has no key')
    return first
  }
  return { pool, runtime, key }
}

describe('a lease', () => {
  it('gives what a client of one’s own needs', async () => {
    const { pool, runtime, key } = await setUp()
    const lease = await pool.acquire({ model: 'Qwen/Qwen3-8B' })
    expect(lease).toMatchObject({
      secret: fakeToken('canary'),
      baseURL: 'https://api.siliconflow.cn/v1',
      model: 'Qwen/Qwen3-8B',
      startedAt: runtime.now(),
      key: { id: key().id, inFlight: 1, requests: 1 },
    })
    lease.settle('success')
  })

  it('names the address of the key’s own site', async () => {
    const { pool } = await setUp({ keys: [{ secret: fakeToken('canary'), site: 'com' }] })
    using lease = await pool.acquire()
    expect(lease.baseURL).toBe('https://api.siliconflow.com/v1')
  })

  it('is given back without a verdict on the key when it is not settled', async () => {
    const { pool, key } = await setUp()
    {
      using lease = await pool.acquire()
      expect(lease.key.inFlight).toBe(1)
    }
    expect(key()).toMatchObject({ inFlight: 0, requests: 1, successes: 0, status: 'ready' })
  })

  it('counts once, however often it is settled and disposed', async () => {
    const { pool, key } = await setUp()
    {
      using lease = await pool.acquire()
      lease.settle('success')
      lease.settle('unauthorized')
      lease[Symbol.dispose]()
    }
    expect(key()).toMatchObject({ inFlight: 0, successes: 1, status: 'ready' })
  })

  it('adds the tokens it used', async () => {
    const { pool } = await setUp()
    const usage = {
      promptTokens: 3,
      completionTokens: 4,
      totalTokens: 7,
      cachedTokens: 0,
      reasoningTokens: 0,
    }
    const events: unknown[] = []
    pool.on('attempt-end', ({ model, outcome, durationMs }) => void events.push([model, outcome, durationMs]))
    const lease = await pool.acquire({ model: 'm' })
    lease.settle('success', usage)
    expect(events).toEqual([['m', { kind: 'success' }, 0]])
  })

  it('takes no usage that cannot be counted, which would end all limits of tokens, and can be settled yet', async () => {
    const { pool, key } = await setUp()
    const lease = await pool.acquire({ model: 'm' })
    const usage = {
      promptTokens: 1,
      completionTokens: 2,
      totalTokens: 3,
      cachedTokens: 0,
      reasoningTokens: 0,
    }
    for (const wrong of [Number.NaN, -1, undefined, '3']) {
      const given = { ...usage, completionTokens: wrong as number }
      expect(() => lease.settle('success', given)).toThrow('usage.completionTokens must be a number')
    }
    lease.settle('success', usage)
    expect(key()).toMatchObject({ successes: 1, inFlight: 0 })
  })

  it('reports how long the attempt took', async () => {
    const { pool, runtime } = await setUp()
    const durations: number[] = []
    pool.on('attempt-end', ({ durationMs }) => void durations.push(durationMs))
    const lease = await pool.acquire()
    runtime.advance(1_234)
    lease.settle('success')
    expect(durations).toEqual([1_234])
  })
})

describe('settling a lease', () => {
  it.each([
    ['success', 'ready', []],
    ['aborted', 'ready', []],
    ['rejected', 'ready', []],
    ['network-error', 'ready', []],
    ['rate-limited', 'ready', ['rate-limited']],
    ['upstream-error', 'ready', ['overload']],
    ['timeout', 'ready', ['timeout']],
    ['truncated', 'ready', ['truncated']],
    ['unauthorized', 'invalid', []],
    ['insufficient-balance', 'exhausted', []],
  ] as const)(
    'with the word %s leaves the key %s, cooling down because of %j',
    async (word, status, cooldowns) => {
      const { pool, key } = await setUp()
      const lease = await pool.acquire({ model: 'm' })
      lease.settle(word)
      expect(key()).toMatchObject({ status, inFlight: 0 })
      expect(key().cooldowns.map(({ reason }) => reason)).toEqual(cooldowns)
    },
  )

  it('with a whole outcome takes it as it is', async () => {
    const { pool, key } = await setUp()
    const lease = await pool.acquire({ model: 'm' })
    lease.settle({ kind: 'rate-limited', fault: 'limit', meter: 'TPD' })
    expect(key().cooldowns).toMatchObject([{ model: 'm', reason: 'rate-limited (TPD)' }])
  })

  it('with the answer lets the pool classify it', async () => {
    const { pool, key } = await setUp()
    const lease = await pool.acquire({ model: 'm' })
    const headers = new Headers({ 'Retry-After': '90' })
    lease.settle({ status: 429, headers, body: { code: 50601, message: 'RPM limit reached.' } })
    const until = Date.parse(key().cooldowns[0]?.until ?? '')
    expect(until - lease.startedAt).toBeGreaterThanOrEqual(90_000)
    expect(until - lease.startedAt).toBeLessThan(92_000)
  })
})

describe('an answer as a caller saw it', () => {
  const flat = ['retry-after', '5', 'date', 'now']

  it.each<[string, SeenAnswer['headers'], string[]]>([
    ['Headers', new Headers([['Retry-After', '5']]), ['retry-after', '5']],
    ['another kind of Headers', new Map([['Retry-After', '5']]), ['retry-after', '5']],
    ['a list of pairs', [['Retry-After', '5']] as const, ['retry-after', '5']],
    ['a plain record', { 'Retry-After': '5', date: 'now' }, flat],
    [
      'the record of Node',
      { 'retry-after': '5', 'set-cookie': ['x'], etag: undefined },
      ['retry-after', '5', 'set-cookie', 'x', 'etag', 'undefined'],
    ],
    ['a flat list', ['Retry-After', '5', 'Date', 'now'], flat],
    ['an empty list', [], []],
    ['none', undefined, []],
  ])('may have headers as %s', (_name, headers, expected) => {
    expect(answerOf({ status: 429, ...(headers && { headers }) }).headers).toEqual(expected)
  })

  it.each([
    ['text', 'words', 'words'],
    ['a parsed value', { code: 1 }, '{"code":1}'],
    ['a bare string that was parsed', 'Invalid token', 'Invalid token'],
    ['null', null, ''],
    ['nothing', undefined, ''],
    ['what JSON does not know', () => 5, ''],
  ])('may have %s as body', (_name, body, expected) => {
    expect(answerOf({ status: 401, body }).body).toBe(expected)
  })

  it('is read up to 64 KiB', () => {
    expect(answerOf({ status: 500, body: 'x'.repeat(100_000) }).body).toHaveLength(65_536)
  })
})

describe('the token of a key', () => {
  it('shows in nothing that is printed, serialised or reported', async () => {
    const { pool, key } = await setUp()
    const answered: unknown[] = []
    for (const name of [
      'attempt-end',
      'key-cooldown',
      'key-invalid',
      'key-exhausted',
      'key-recovered',
    ] as const)
      pool.on(name, (event) => void answered.push(event))
    const lease = await pool.acquire({ model: 'm' })
    const printed: unknown[] = [
      lease,
      lease.key,
      pool,
      pool.keys,
      pool.stats(),
      pool.keys.find([lease.secret]),
    ]
    lease.settle({ status: 401, body: `Incorrect API key provided: ${lease.secret}` })
    const refusal: unknown = await pool.acquire().catch((error: unknown) => error)
    const errors: unknown = await pool.keys
      .update('sk-canarycanarycanary', {})
      .catch((error: unknown) => error)
    printed.push(key(), answered, refusal, errors, await pool.balance())
    const text = printed.flatMap((value) => [
      `${JSON.stringify(value)}`,
      `${value}`,
      inspect(value, { depth: null }),
      inspect(value, { depth: null, showHidden: true, getters: 'get' }),
      inspect(value, { depth: null, showHidden: true, customInspect: false }),
    ])
    expect(answered.length).toBeGreaterThan(0)
    // The mask ends in `nary`; what may not appear is more than that.
    expect(text.join('\n')).not.toContain('canary')
  })

  it('of no known form is kept out of what the upstream’s words are copied to', async () => {
    const token = 'exotic-canary-canary-canary'
    const { pool, key } = await setUp({ keys: [token] })
    const answered: unknown[] = []
    pool.on('attempt-end', (event) => void answered.push(event))
    pool.on('key-invalid', (event) => void answered.push(event))
    const lease = await pool.acquire()
    lease.settle({ kind: 'unauthorized', fault: 'key', message: `no such key: ${token}` })
    expect(key().reason).toBe('no such key: exoti…nary')
    expect(JSON.stringify([answered, pool.keys.list()])).not.toContain('canary-')
  })
})
