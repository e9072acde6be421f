import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { VerdictKind } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import { verdictKinds } from './check-result.js'
import { SeenKeys } from './seen-keys.js'

/** The results of an earlier run, by key id. */
export interface EarlierResults {
  /** Returns the verdict on a key; undefined when there is none or it is `unknown`. */
  verdictOf(id: string): VerdictKind | undefined
  readonly size: number
  /** The number of lines that are not results, such as a line that was cut off. */
  readonly unreadable: number
}

export const noEarlierResults: EarlierResults = { verdictOf: () => undefined, size: 0, unreadable: 0 }

/**
 * Reads a file of `--format jsonl`. When a key has two results, the later one counts. A missing file counts as empty.
 * Throws a `CliError` when the file cannot be read.
 */
export async function readEarlierResults(path: string): Promise<EarlierResults> {
  const seen = new SeenKeys()
  let unreadable = 0
  try {
    for await (const line of createInterface({
      input: createReadStream(path),
      crlfDelay: Number.POSITIVE_INFINITY,
    })) {
      if (line.trim() === '') continue
      const found = readResult(line)
      if (found === undefined) unreadable++
      else seen.add(found.id, verdictKinds.indexOf(found.verdict))
    }
  } catch (error) {
    if (isMissing(error)) return noEarlierResults
    throw new CliError(`cannot read ${path}: ${fileFailure(error)}`, { cause: error })
  }
  return {
    size: seen.size,
    unreadable,
    verdictOf(id) {
      const verdict = verdictKinds[seen.markOf(id) ?? -1]
      return verdict === 'unknown' ? undefined : verdict
    },
  }
}

/** Whether a file ends with a newline. A run that was killed may have left half a line. */
export async function endsWithNewline(path: string): Promise<boolean> {
  const file = await open(path).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw new CliError(`cannot read ${path}: ${fileFailure(error)}`, { cause: error })
  })
  if (file === null) return true
  try {
    const { size } = await file.stat()
    if (size === 0) return true
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] === 10
  } finally {
    await file.close()
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && Reflect.get(error, 'code') === 'ENOENT'

function readResult(line: string): { id: string; verdict: VerdictKind } | undefined {
  try {
    const { id, verdict } = JSON.parse(line) as { id?: unknown; verdict?: unknown }
    const kind = verdictKinds.find((each) => each === verdict)
    return typeof id === 'string' && kind !== undefined ? { id, verdict: kind } : undefined
  } catch {
    return undefined
  }
}
