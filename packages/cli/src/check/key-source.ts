import { createReadStream } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import type { VerdictKind } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import { sourceName } from '../input/read-text.js'
import type { Terminal } from '../terminal.js'
import type { EarlierResults } from './earlier-results.js'
import { SeenKeys } from './seen-keys.js'

/** A line that holds no key, and why. */
export interface KeylessLine {
  readonly line: number
  readonly reason: string
}

/** Of more lines than this only the number is told: a file of garbage must not fill the memory. */
const listedLimit = 10_000

/** What is noticed while keys are read. */
export class SourceStats {
  /** How many keys there are that have to be asked about. */
  keys = 0
  /** How many times a key came again. */
  duplicates = 0
  rejected = 0
  readonly listed: KeylessLine[] = []
  /** Keys that an earlier run has judged, by verdict. */
  readonly earlier: Map<VerdictKind, number> = new Map()

  reject(line: KeylessLine): void {
    this.rejected++
    if (this.listed.length < listedLimit) this.listed.push(line)
  }

  countEarlier(verdict: VerdictKind): void {
    this.earlier.set(verdict, (this.earlier.get(verdict) ?? 0) + 1)
  }
}

/** A key that has to be asked about, and its line. */
export interface SourceKey {
  readonly line: number
  readonly secret: string
}

/**
 * The keys of a file, or of standard input for `-`, each once, while they are read; keys that an earlier run has judged
 * are left out. Throws a `CliError` naming what cannot be read.
 */
export async function* sourceKeys(
  path: string,
  {
    terminal,
    earlier,
    sourceStats,
  }: { terminal: Terminal; earlier: EarlierResults; sourceStats: SourceStats },
): AsyncGenerator<SourceKey, void, undefined> {
  const { fingerprint, readKeys } = await import('@sfpool/core')
  const seen = new SeenKeys()
  for await (const { keys, rejected } of readKeys(pieces(path, terminal))) {
    for (const line of rejected) sourceStats.reject(line)
    for (const { line, secret } of keys) {
      const id = fingerprint(secret)
      if (!seen.add(id)) {
        sourceStats.duplicates++
        continue
      }
      const verdict = earlier.verdictOf(id)
      if (verdict === undefined) {
        sourceStats.keys++
        yield { line, secret }
      } else sourceStats.countEarlier(verdict)
    }
  }
}

async function* pieces(path: string, { input, stopping }: Terminal): AsyncGenerator<string, void, undefined> {
  const stream = path === '-' ? input : createReadStream(path)
  try {
    for await (const piece of addAbortSignal(stopping, stream).setEncoding('utf8')) yield piece as string
  } catch (error) {
    if (stopping.aborted) throw error
    throw new CliError(`cannot read ${sourceName(path)}: ${fileFailure(error)}`, { cause: error })
  }
}
