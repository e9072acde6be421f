import { resolve } from 'node:path'
import { type CheckOptions, type KeyPool, memoryStore } from '@sfpool/core'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { environmentKeys } from '../input/environment-keys.js'
import { type KeyLine, type RejectedLine, readKeyLines } from '../input/key-lines.js'
import type { CheckResult } from '../render/check-report.js'
import { openLendingPool, openPool } from './open-pool.js'

type Pace = Pick<Settings, 'concurrency' | 'interval' | 'retries' | 'timeout'>
type SubjectContext = Context<'baseUrl' | 'site'>

/** The keys that a check is about, and the pool that asks. */
export interface CheckSubject extends AsyncDisposable {
  readonly pool: KeyPool
  /** Whether they are the keys of the store, rather than of a file. */
  readonly isStored: boolean
  readonly total: number
  /** How many times a key of the file came again. */
  readonly duplicates: number
  readonly rejected: readonly RejectedLine[]
  /**
   * Asks about each key once and gives the results as they come, each with its place among the keys. Ends early when
   * the user interrupts.
   */
  verdicts(pace: Pace): AsyncIterable<readonly [index: number, result: CheckResult]>
}

/** The keys of the file that the arguments name, or else those of the store and the environment. */
export function openSubject(context: SubjectContext): Promise<CheckSubject> {
  const [path] = context.args
  return path === undefined ? storedSubject(context) : fileSubject(context, path)
}

async function storedSubject(context: SubjectContext): Promise<CheckSubject> {
  const { terminal } = context
  const { pool } = await openLendingPool(context, environmentKeys(terminal.environment))
  return {
    pool,
    isStored: true,
    total: pool.keys.list().length,
    duplicates: 0,
    rejected: [],
    async *verdicts(pace) {
      for await (const { index, id, key, verdict, reason, balance } of pool.check(
        paced(pace, terminal.stopping),
      )) {
        const label = pool.keys.get(id)?.label ?? null
        yield [index, { line: null, id, key, label, verdict, reason, balance }]
      }
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

async function fileSubject(context: SubjectContext, path: string): Promise<CheckSubject> {
  const { terminal } = context
  const file = path === '-' ? path : resolve(terminal.directory, path)
  const { keys, rejected } = await readKeyLines({ args: [], file }, terminal)
  const unique = firstOfEach(keys)
  // The file's keys are none of the store's business, so its states stay as they are.
  const pool = await openPool(context, { store: memoryStore() })
  return {
    pool,
    isStored: false,
    total: unique.length,
    duplicates: keys.length - unique.length,
    rejected,
    async *verdicts(pace) {
      const secrets = unique.map(({ secret }) => secret)
      const given = { ...paced(pace, terminal.stopping), keys: secrets }
      for await (const { index, key, verdict, reason, balance } of pool.check(given)) {
        const line = unique[index]?.line ?? null
        yield [index, { line, id: null, key, label: null, verdict, reason, balance }]
      }
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

/** Each key once, where it stood first. */
function firstOfEach(keys: readonly KeyLine[]): KeyLine[] {
  const seen = new Set<string>()
  return keys.filter(({ secret }) => !seen.has(secret) && seen.add(secret))
}

function paced({ concurrency, interval, retries, timeout }: Pace, signal: AbortSignal): CheckOptions {
  return { concurrency, intervalMs: [interval.minMs, interval.maxMs], retries, timeoutMs: timeout, signal }
}
