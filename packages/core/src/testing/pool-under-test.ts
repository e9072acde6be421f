import { onTestFinished } from 'vitest'
import { KeyPool } from '../pool.js'
import type { PoolOptions } from '../pool-options.js'
import { memoryStore } from '../store/memory/memory-store.js'
import type { Store } from '../store/store.js'
import { type FakeRuntime, fakeRuntime } from './fake-runtime.js'
import { type TroubledStore, troubledStore } from './troubled-store.js'

/** A pool under a virtual clock that has read its store, closed after the test. */
export interface PoolUnderTest {
  readonly pool: KeyPool
  readonly store: TroubledStore
  readonly runtime: FakeRuntime
  /** How many keys each `keys-changed` counted. */
  readonly totals: number[]
  readonly labels: () => (string | null)[]
}

export async function poolUnderTest(
  options: PoolOptions = {},
  base: Store = memoryStore(),
): Promise<PoolUnderTest> {
  const store = troubledStore(base)
  const runtime = fakeRuntime()
  const pool = new KeyPool({ store, runtime, ...options })
  onTestFinished(() => pool.close())
  await pool.ready
  const totals: number[] = []
  pool.on('keys-changed', ({ total }) => void totals.push(total))
  return { pool, store, runtime, totals, labels: () => pool.keys.list().map(({ label }) => label) }
}
