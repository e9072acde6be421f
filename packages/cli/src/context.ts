import type { commonSettings, SettingName, Settings } from './config/settings.js'
import type { ExitCode } from './exit-code.js'
import { type Colors, colorsFor } from './render/colors.js'
import type { Terminal } from './terminal.js'

type CommonName = (typeof commonSettings)[number]

/** Gives a command its settings, its arguments and its output. */
export interface Context<Name extends SettingName = never> {
  readonly settings: Pick<Settings, Name | CommonName>
  /** Where the value of each setting came from. Settings left at their default are missing. */
  readonly origins: Readonly<Partial<Record<SettingName, string>>>
  /** The paths of the configuration files that values came from. */
  readonly files: Readonly<Partial<Record<SettingName, string>>>
  /** Resolves the settings anew, from the same flags and variables and the files as they are now. */
  readonly readAgain: () => Promise<Pick<Settings, Name | CommonName>>
  readonly args: readonly string[]
  readonly terminal: Terminal
  /** Colours of standard output. */
  readonly paint: Colors
  /** Colours of standard error. */
  readonly paintErr: Colors
  /** Writes a line of data. */
  print(text: string): void
  printJson(value: unknown): void
  /** Says a line on standard error, unless `--quiet`. */
  say(text: string): void
  /** Says a line only with `--verbose`. */
  detail(text: string): void
}

/** A command: parses its arguments, calls the core, renders the result and returns the exit code. */
export type Run<Name extends SettingName> = (context: Context<Name>) => Promise<ExitCode>

export function createContext<Name extends SettingName>(given: {
  settings: Pick<Settings, Name | CommonName>
  origins: Readonly<Partial<Record<SettingName, string>>>
  files: Readonly<Partial<Record<SettingName, string>>>
  readAgain: Context<Name>['readAgain']
  args: readonly string[]
  terminal: Terminal
}): Context<Name> {
  const { settings, terminal } = given
  const { out, err, environment } = terminal
  return {
    ...given,
    paint: colorsFor({ asked: settings.color, isTTY: out.isTTY, environment }),
    paintErr: colorsFor({ asked: settings.color, isTTY: err.isTTY, environment }),
    print: (text) => out.write(`${text}\n`),
    printJson: (value) => out.write(`${JSON.stringify(value, null, out.isTTY ? 2 : undefined)}\n`),
    say: (text) => {
      if (!settings.quiet) err.write(`${text}\n`)
    },
    detail: (text) => {
      if (settings.verbose && !settings.quiet) err.write(`${text}\n`)
    },
  }
}
