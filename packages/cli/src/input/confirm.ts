import type { CliError } from '../cli-error.js'
import type { Terminal } from '../terminal.js'
import { ask } from './ask.js'

/** Asks a question that `y` answers. Throws the refusal where there is nobody to ask. */
export async function confirm(question: string, terminal: Terminal, refusal: CliError): Promise<boolean> {
  if (terminal.input.isTTY !== true || !terminal.err.isTTY) throw refusal
  return /^y(es)?$/i.test((await ask(question, terminal)).trim())
}
