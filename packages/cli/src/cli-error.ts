import { type ExitCode, exitCodes } from './exit-code.js'

/** A failure as it is shown to the user: a message, a hint what to do next, and the exit code. */
export class CliError extends Error {
  readonly exitCode: ExitCode
  /** What to do next, a sentence or a command. */
  readonly hint: string | undefined

  constructor(message: string, details: { hint?: string; exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'CliError'
    this.exitCode = details.exitCode ?? exitCodes.usage
    this.hint = details.hint
  }
}
