import { resolve } from 'node:path'
import { type CheckOptions, type KeyPool, memoryStore } from '@sfpool/core'
import type { Context } from '../context.js'
import { environmentKeys } from '../input/environment-keys.js'
import { openOverlayPool, openPool } from '../pool/open-pool.js'
import { type CheckResult, resultOf } from './check-result.js'
import type { EarlierResults } from './earlier-results.js'
import { SourceStats, sourceKeys } from './key-source.js'

type SubjectContext = Context<'baseUrl' | 'provider' | 'site' | 'sites' | 'minBalance'>

/** The keys of a check, and the pool that checks them. */
export interface CheckSubject extends AsyncDisposable {
  readonly pool: KeyPool
  /** The name of the key source in reports: a path as the user wrote it; null for the store. */
  readonly name: string | null
  /** The number of keys to check; null when it is known only at the end. */
  readonly total: number | null
  /** What was counted while the keys were read; complete at the end. */
  readonly sourceStats: SourceStats
  /**
   * Checks each key and yields the results as they come, each with the position of its key. Ends early when the user
   * interrupts.
   */
  results(options: CheckOptions): AsyncIterable<readonly [index: number, result: CheckResult]>
}

/** Opens the keys of the file named in the arguments, or else the keys of the store and the environment. */
export function openSubject(given: SubjectContext, earlier: EarlierResults): Promise<CheckSubject> {
  // The check itself compares balances with the minimum, so the pool must not set keys aside for it.
  const context = { ...given, settings: { ...given.settings, minBalance: undefined } }
  const [path] = context.args
  return path === undefined ? storedSubject(context, earlier) : fileSubject(context, path, earlier)
}

async function storedSubject(context: SubjectContext, earlier: EarlierResults): Promise<CheckSubject> {
  const { terminal } = context
  const { pool } = await openOverlayPool(context, environmentKeys(terminal.environment))
  const sourceStats = new SourceStats()
  const secrets: string[] = []
  for (const { id, secret } of pool.keys.export()) {
    const verdict = earlier.verdictOf(id)
    if (verdict === undefined) secrets.push(secret)
    else sourceStats.countEarlier(verdict)
  }
  sourceStats.keys = secrets.length
  return {
    pool,
    name: null,
    total: secrets.length,
    sourceStats,
    async *results(options) {
      for await (const verdict of pool.check({ ...options, keys: secrets }))
        yield [
          verdict.index,
          resultOf(verdict, { line: null, label: pool.keys.get(verdict.id)?.label ?? null }),
        ]
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

async function fileSubject(
  context: SubjectContext,
  given: string,
  earlier: EarlierResults,
): Promise<CheckSubject> {
  const { terminal } = context
  const path = given === '-' ? given : resolve(terminal.directory, given)
  // A file is read twice, so that the number of keys is known first. Standard input can be read only once.
  const firstPass = given === '-' ? null : new SourceStats()
  if (firstPass !== null)
    for await (const _ of sourceKeys(path, { terminal, earlier, sourceStats: firstPass }));
  // A check of a file must not change states in the user's store.
  const pool = await openPool(context, { store: memoryStore() })
  const sourceStats = new SourceStats()
  return {
    pool,
    name: given,
    total: firstPass?.keys ?? null,
    sourceStats: firstPass ?? sourceStats,
    async *results(options) {
      const lines = new Map<number, number>()
      const keys = (async function* () {
        let index = 0
        for await (const { line, secret } of sourceKeys(path, { terminal, earlier, sourceStats })) {
          lines.set(index++, line)
          yield secret
        }
      })()
      for await (const verdict of pool.check({ ...options, keys })) {
        const line = lines.get(verdict.index) ?? null
        lines.delete(verdict.index)
        yield [verdict.index, resultOf(verdict, { line, label: null })]
      }
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}
