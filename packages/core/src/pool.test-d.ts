import { expectTypeOf, it } from 'vitest'
import {
  type AddReport,
  type Candidate,
  type KeyInput,
  KeyPool,
  KeyPoolError,
  type KeyView,
  type Lease,
  type Outcome,
  type PoolOptions,
  type PoolStats,
  type Strategy,
  type StrategyName,
  type Verdict,
} from './index.js'

declare const pool: KeyPool

it('a pool is made of options, all of them optional and read only', () => {
  expectTypeOf(KeyPool).constructorParameters.toEqualTypeOf<[options?: PoolOptions | undefined]>()
  expectTypeOf<PoolOptions['keys']>().toEqualTypeOf<readonly (string | KeyInput)[] | undefined>()
  expectTypeOf<'weighted'>().toExtend<StrategyName>()
  const frozen = { keys: ['sk-fake'], strategy: 'random', timeouts: { idle: 5 } } as const
  expectTypeOf(frozen).toExtend<PoolOptions>()
  // @ts-expect-error: no such strategy
  new KeyPool({ strategy: 'quickest' })
  // @ts-expect-error: no such option
  new KeyPool({ apiKeys: [] })
  // @ts-expect-error: a timer that is not given is left out, not undefined
  new KeyPool({ timeouts: { idle: undefined } })
  // @ts-expect-error: a key needs a secret
  new KeyPool({ keys: [{ label: 'x' }] })
})

it('its fetch is a drop-in', () => {
  expectTypeOf(pool.fetch).toEqualTypeOf<typeof fetch>()
  expectTypeOf(pool.baseURL).toEqualTypeOf<string>()
})

it('pool and lease are disposable', async () => {
  expectTypeOf<KeyPool>().toExtend<AsyncDisposable>()
  expectTypeOf<Lease>().toExtend<Disposable>()
  await using own = new KeyPool()
  using lease = await own.acquire({ model: 'm', signal: new AbortController().signal })
  expectTypeOf(lease).toEqualTypeOf<Lease>()
  expectTypeOf(lease.secret).toEqualTypeOf<string>()
  expectTypeOf(lease.key).toEqualTypeOf<KeyView>()
})

it('a lease is settled with a word, an outcome or an answer', () => {
  expectTypeOf<Lease['settle']>().toBeCallableWith('success')
  expectTypeOf<Lease['settle']>().toBeCallableWith({ kind: 'rate-limited', retryAfterMs: 5 })
  expectTypeOf<Lease['settle']>().toBeCallableWith({ status: 429, headers: new Headers(), body: {} })
  const lease = {} as Lease
  // @ts-expect-error: not a word of the vocabulary
  expectTypeOf(lease.settle('failed'))
})

it('events are known by name, and what they carry by type', () => {
  pool.on('attempt-end', (event) => {
    expectTypeOf(event).toEqualTypeOf<{ key: string; model: string; outcome: Outcome; durationMs: number }>()
  })
  pool.on('store-error', ({ error }) => expectTypeOf(error).toEqualTypeOf<Error>())
  // @ts-expect-error: no such event
  pool.on('key-banned', () => {})
  expectTypeOf(pool.on('keys-changed', () => {})).toEqualTypeOf<KeyPool>()
})

it('keys come and go as views without secrets, except in an export', () => {
  expectTypeOf(pool.keys.add).returns.resolves.toEqualTypeOf<AddReport>()
  expectTypeOf(pool.keys.list()).toEqualTypeOf<KeyView[]>()
  expectTypeOf<KeyView>().not.toHaveProperty('secret')
  expectTypeOf(pool.keys.export()).items.toHaveProperty('secret')
  expectTypeOf(pool.keys.update)
    .parameter(1)
    .toHaveProperty('label')
    .toEqualTypeOf<string | null | undefined>()
  // @ts-expect-error: a secret cannot be changed
  void pool.keys.update('key_x', { secret: 'sk-fake' })
})

it('checks give verdicts one by one, statistics are read only', () => {
  expectTypeOf(pool.check()).toEqualTypeOf<AsyncGenerator<Verdict>>()
  expectTypeOf(pool.stats()).toEqualTypeOf<PoolStats>()
  // @ts-expect-error: nobody but the pool counts
  pool.stats().requests = 0
})

it('a strategy of one’s own sees candidates, never secrets', () => {
  const first: Strategy = { add: () => {}, remove: () => {}, pick: () => undefined }
  expectTypeOf(first).toExtend<NonNullable<PoolOptions['strategy']>>()
  expectTypeOf<Candidate>().not.toHaveProperty('secret')
})

it('an error of the pool is told apart by its guard', () => {
  const caught: unknown = null
  if (KeyPoolError.isInstance(caught)) {
    expectTypeOf(caught.retryAfterMs).toEqualTypeOf<number | undefined>()
    expectTypeOf<'no_keys'>().toExtend<typeof caught.code>()
  }
})
