import { resolve } from 'node:path'
import { type ParsedKeys, parseKeys } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Terminal } from '../terminal.js'
import { askHidden } from './ask-hidden.js'
import { readKeyText } from './read-key-text.js'
import { sourceName } from './read-pieces.js'

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
  /** How many more lines were rejected than are listed. */
  readonly omitted: number
}

/** An argument counts as one line, whatever is in it. */
const lineBreaks = /[\n\v\f\r\u0085\u2028\u2029]/g

/**
 * Reads keys from arguments and a file (`-` for standard input). With neither, reads standard input if it is piped, or
 * else asks for them.
 */
export async function readKeyLines(
  given: { args: readonly string[]; file: string | undefined },
  terminal: Terminal,
): Promise<KeyLines> {
  const { file } = given
  const args = given.args.length === 1 && given.args[0] === '-' ? [] : given.args
  const keys: KeyLine[] = []
  const rejected: RejectedLine[] = []
  let omitted = 0
  const take = (source: string, found: ParsedKeys): void => {
    omitted += found.omitted ?? 0
    for (const key of found.keys) keys.push({ source, ...key })
    for (const line of found.rejected) rejected.push({ source, ...line })
  }
  if (args.length > 0)
    take('arguments', parseKeys(args.map((argument) => argument.replaceAll(lineBreaks, ' ')).join('\n')))
  const isPiped = terminal.input.isTTY !== true || given.args.length > args.length
  const path = file ?? (args.length === 0 && isPiped ? '-' : undefined)
  if (path !== undefined) take(sourceName(path), await readKeyText(absolutePath(path, terminal), terminal))
  else if (args.length === 0) take('terminal', parseKeys(await typedKeys(terminal)))
  return { keys, rejected, omitted }
}

/** Asks for keys, which are not shown. */
function typedKeys({ input, err, stopping }: Terminal): Promise<string> {
  if (!err.isTTY)
    throw new CliError('no keys were given', {
      hint: 'Give keys as arguments, with -f <file>, or through a pipe',
    })
  return askHidden('Paste keys, one or many; they are not shown. End with Enter on an empty line.\n', {
    input,
    err,
    stopping,
    interrupt: () => void process.kill(process.pid, 'SIGINT'),
  })
}

function absolutePath(path: string, { directory }: Terminal): string {
  return path === '-' ? path : resolve(directory, path)
}
