import { type Shell, shellScripts, shells } from '../completion/shell-scripts.js'
import { unknownAction } from '../config/unknown-action.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'

/** Prints the script that completes command lines in a shell. */
export async function completion(context: Context): Promise<ExitCode> {
  const [asked = ''] = context.args
  const shell = shells.find((name): name is Shell => name === asked)
  if (shell === undefined) throw unknownAction('completion', asked, shells)
  const script = shellScripts[shell]
  if (context.settings.json) context.printJson({ shell, script })
  else context.print(script.trimEnd())
  return exitCodes.ok
}
