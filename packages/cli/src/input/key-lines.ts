import { resolve } from 'node:path'
import { parseKeys } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Terminal } from '../terminal.js'
import { readText, sourceName } from './read-text.js'

/** A key and its position in the input. */
export interface KeyLine {
  /** The source of the key: `arguments`, `standard input`, or the path of a file. */
  readonly source: string
  /** The line, from 1; for arguments, the number of the argument. */
  readonly line: number
  readonly secret: string
  readonly balance?: string
}

/** A line that was rejected, and the reason. */
export interface RejectedLine {
  readonly source: string
  readonly line: number
  readonly reason: string
}

export interface KeyLines {
  readonly keys: readonly KeyLine[]
  readonly rejected: readonly RejectedLine[]
}

/**
 * Reads keys from arguments and a file (`-` for standard input). With neither, reads standard input if it is piped, or
 * else throws a `CliError` that explains how to give keys.
 */
export async function readKeyLines(
  given: { args: readonly string[]; file: string | undefined },
  terminal: Terminal,
): Promise<KeyLines> {
  const { args, file } = given
  const keys: KeyLine[] = []
  const rejected: RejectedLine[] = []
  const take = (source: string, text: string): void => {
    const found = parseKeys(text)
    for (const key of found.keys) keys.push({ source, ...key })
    for (const line of found.rejected) rejected.push({ source, ...line })
  }
  if (args.length > 0) take('arguments', args.map((argument) => argument.replaceAll('\n', ' ')).join('\n'))
  const path = file ?? (args.length === 0 && terminal.input.isTTY !== true ? '-' : undefined)
  if (path !== undefined) take(sourceName(path), await readText(absolutePath(path, terminal), terminal))
  else if (args.length === 0) {
    throw new CliError('no keys were given', {
      hint: 'Give keys as arguments, with -f <file>, or through a pipe',
    })
  }
  return { keys, rejected }
}

function absolutePath(path: string, { directory }: Terminal): string {
  return path === '-' ? path : resolve(directory, path)
}
