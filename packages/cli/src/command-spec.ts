import type { SettingName } from './config/settings.js'
import type { Run } from './context.js'

/** Describes a command to the command line before any code of the command is loaded. */
export interface CommandSpec {
  /** Name and arguments, as commander writes them. */
  readonly usage: string
  readonly summary: string
  readonly description?: string
  readonly examples?: readonly string[]
  /** Loads paragraphs for the end of the command's help. */
  readonly extraHelp?: () => Promise<readonly string[]>
  /** The command's settings beside the common ones, in the order in which help shows them. */
  readonly settings: readonly SettingName[]
  /** Settings that the command takes from variables and files only, because they are seldom meant for it alone. */
  readonly inherited?: readonly SettingName[]
  /** The words that the first argument may be. */
  readonly actions?: readonly string[]
  /** The command runs with files and variables that are wrong, because it shows or mends them. */
  readonly isTolerant?: boolean
  /** Loads the command's code. A command must start fast, so it loads no code of other commands. */
  readonly load: () => Promise<Run<SettingName>>
}

/** Makes the compiler check that a command gets every setting it reads, then widens the type. */
export function commandSpec<Name extends SettingName>(
  given: Omit<CommandSpec, 'settings' | 'inherited' | 'load'> & {
    readonly settings: readonly Name[]
    readonly inherited?: readonly Name[]
    readonly load: () => Promise<Run<Name>>
  },
): CommandSpec {
  return { ...given, load: given.load as () => Promise<Run<SettingName>> }
}
