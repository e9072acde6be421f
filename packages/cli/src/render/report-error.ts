import { CliError } from '../cli-error.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import type { Terminal } from '../terminal.js'
import { scrub } from './scrub.js'

/** Prints an error and its hint on standard error, and returns the matching exit code. */
export function reportError(error: unknown, { err, stopping }: Terminal, verbose: boolean): ExitCode {
  if (stopping.aborted && isAbort(error)) return exitCodes.interrupted
  if (error instanceof CliError) {
    for (const line of error.message.split('\n')) err.write(`error: ${scrub(line)}\n`)
    if (error.hint !== undefined) err.write(`${scrub(error.hint)}\n`)
    return error.exitCode
  }
  if (isPoolError(error)) {
    err.write(`error: ${scrub(error.message)}\n`)
    return wrongUsage.has(error.code) ? exitCodes.usage : exitCodes.unverified
  }
  err.write(`error: ${scrub(error instanceof Error ? error.message : String(error))}\n`)
  if (verbose && error instanceof Error) err.write(`${scrub(error.stack ?? '')}\n`)
  else err.write('This error was not expected; --verbose shows where it happened\n')
  return exitCodes.unverified
}

const wrongUsage: ReadonlySet<string> = new Set(['invalid_config', 'store_failed', 'unknown_key'])

/** Recognises the core's errors by their marker, so that a command that fails early need not load the core. */
function isPoolError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && Reflect.get(error, Symbol.for('sfpool.error')) === true
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || Reflect.get(error, 'code') === 'ABORT_ERR')
}
