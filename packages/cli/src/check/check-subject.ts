import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type CheckOptions, type ExportedKey, type KeyPool, memoryStore } from '@sfpool/core'
import type { Context } from '../context.js'
import { environmentKeys } from '../input/environment-keys.js'
import { openOverlayPool, openPool } from '../pool/open-pool.js'
import { selectKeys } from '../pool/select-keys.js'
import { type CheckResult, resultOf } from './check-result.js'
import type { EarlierResults } from './earlier-results.js'
import { type SourceKey, SourceStats, sourceKeys } from './key-source.js'

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
   * Checks each key and yields the results as they come, each with the position of its key and the key itself. Ends
   * early when the user interrupts.
   */
  results(options: CheckOptions): AsyncIterable<readonly [index: number, result: CheckResult, secret: string]>
}

/**
 * Opens the keys of the file named in the arguments, the keys of the store and the environment that they name, or all of
 * these.
 */
export async function openSubject(given: SubjectContext, earlier: EarlierResults): Promise<CheckSubject> {
  // The check itself compares balances with the minimum, so the pool must not set keys aside for it.
  const context = { ...given, settings: { ...given.settings, minBalance: undefined } }
  const path = await pathIn(context)
  return path === undefined ? storedSubject(context, earlier) : fileSubject(context, path, earlier)
}

/** The path of the key file; undefined when the arguments name keys, or nothing. A file goes before a key of its name. */
export async function pathIn({
  args,
  terminal,
}: Pick<SubjectContext, 'args' | 'terminal'>): Promise<string | undefined> {
  const [word] = args
  if (word === undefined || args.length > 1) return undefined
  return word === '-' || looksLikePath(word) || (await isThere(resolve(terminal.directory, word)))
    ? word
    : undefined
}

/** No id, label of one word or masked key looks like this. */
const looksLikePath = (word: string): boolean =>
  /[/\\]|\.(?:txt|csv|json|jsonl|env|ya?ml|keys|list)$/i.test(word)

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

async function storedSubject(context: SubjectContext, earlier: EarlierResults): Promise<CheckSubject> {
  const { terminal } = context
  const { pool } = await openOverlayPool(context, environmentKeys(terminal.environment))
  const sourceStats = new SourceStats()
  const secrets: string[] = []
  for (const { id, secret } of namedKeys(pool, context.args)) {
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
          secrets[verdict.index] ?? '',
        ]
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

/** The keys that the words name; all for no words. */
function namedKeys(pool: KeyPool, words: readonly string[]): ExportedKey[] {
  const all = pool.keys.export()
  if (words.length === 0) return all
  const ids = new Set(selectKeys(pool, words, { status: undefined, account: undefined }).map(({ id }) => id))
  return all.filter(({ id }) => ids.has(id))
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
      const asked = new Map<number, SourceKey>()
      const keys = (async function* () {
        let index = 0
        for await (const key of sourceKeys(path, { terminal, earlier, sourceStats })) {
          asked.set(index++, key)
          yield key.secret
        }
      })()
      for await (const verdict of pool.check({ ...options, keys })) {
        const key = asked.get(verdict.index)
        asked.delete(verdict.index)
        const result = resultOf(verdict, { line: key?.line ?? null, label: null })
        yield [verdict.index, result, key?.secret ?? '']
      }
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}
