import type { VerdictKind } from '@sfpool/core'
import { readPieces } from '../input/read-pieces.js'
import type { Terminal } from '../terminal.js'
import type { EarlierResults } from './earlier-results.js'
import { SeenKeys } from './seen-keys.js'

/** A line that holds no key, and why. */
export interface KeylessLine {
  readonly line: number
  readonly reason: string
}

/** At most this many lines are kept: a file without keys must not fill the memory. Further lines are only counted. */
const listedLimit = 10_000

/** Counts what a key source contains while it is read. */
export class SourceStats {
  /** The number of keys to check. */
  keys = 0
  /** The number of repeated keys. */
  duplicates = 0
  rejected = 0
  readonly listed: KeylessLine[] = []
  /** The number of keys with a result from an earlier run, by verdict. */
  readonly earlier: Map<VerdictKind, number> = new Map()

  reject(line: KeylessLine): void {
    this.rejected++
    if (this.listed.length < listedLimit) this.listed.push(line)
  }

  countEarlier(verdict: VerdictKind): void {
    this.earlier.set(verdict, (this.earlier.get(verdict) ?? 0) + 1)
  }
}

/** A key to check, and its line. */
export interface SourceKey {
  readonly line: number
  readonly secret: string
}

/**
 * Yields each key of a file (or of standard input for `-`) once, while the source is read. Keys with a result from an
 * earlier run are left out. Throws a `CliError` that names a source that cannot be read.
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
  for await (const { keys, rejected, omitted = 0 } of readKeys(readPieces(path, terminal))) {
    for (const line of rejected) sourceStats.reject(line)
    sourceStats.rejected += omitted
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
