import { Command, CommanderError, Option } from 'commander'
import { type CommandSpec, commandSpecs } from './command-specs.js'
import { catalogue } from './config/catalogue.js'
import { configFiles } from './config/config-files.js'
import { resolveSettings, type Source } from './config/resolve.js'
import { isNegated, isSwitch, longName, type Setting, variableName } from './config/setting.js'
import { commonSettings, type SettingName } from './config/settings.js'
import { environmentSource, flagSource } from './config/sources.js'
import { userPaths } from './config/user-paths.js'
import { createContext, type Run } from './context.js'
import { type ExitCode, exitCodes } from './exit-code.js'
import { reportError } from './render/report-error.js'
import { scrub } from './render/scrub.js'
import type { Terminal } from './terminal.js'

declare const __SFPOOL_VERSION__: string

/** Runs one command line (without the program's own name) and returns the exit code of the process. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  try {
    const program = createProgram(terminal, {
      extraHelp: await extraHelpFor(argv),
      run: async (spec, command) => {
        code = await runCommand(spec, command, terminal)
      },
    })
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    // Commander has printed its own message, or the requested help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    return reportError(error, terminal, argv.includes('--verbose') || argv.includes('-v'))
  }
}

/** Loads the extra help of the commands in `argv`, only when help is requested: a command must start fast. */
async function extraHelpFor(argv: readonly string[]): Promise<ReadonlyMap<CommandSpec, readonly string[]>> {
  const extraHelp = new Map<CommandSpec, readonly string[]>()
  if (!argv.some((word) => word === '--help' || word === '-h' || word === 'help')) return extraHelp
  for (const spec of commandSpecs) {
    if (argv.includes(commandNameOf(spec)) && spec.extraHelp !== undefined)
      extraHelp.set(spec, await spec.extraHelp())
  }
  return extraHelp
}

const commandNameOf = ({ usage }: CommandSpec): string => usage.split(' ')[0] ?? usage

interface ProgramParts {
  readonly extraHelp: ReadonlyMap<CommandSpec, readonly string[]>
  readonly run: (spec: CommandSpec, command: Command) => Promise<void>
}

function createProgram(terminal: Terminal, { extraHelp, run }: ProgramParts): Command {
  const program = new Command('sfpool')
    .description('A pool of API keys for SiliconFlow and any OpenAI-compatible API.')
    .version(__SFPOOL_VERSION__, '-V, --version', 'Print the version number')
    .helpOption('-h, --help', 'Show this help')
    .helpCommand('help [command]', 'Show the help of a command')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('See the commands and options with: sfpool --help')
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      // A mistyped command line may contain a key.
      outputError: (text, write) => write(scrub(text)),
    })
    .addHelpText(
      'after',
      `\nEvery option can also be set by a variable such as ${variableName(catalogue.port)},\nor in sfpool.config.{json,yaml}.`,
    )
  for (const name of commonSettings) {
    const setting: Setting<unknown> = catalogue[name]
    if (setting.hasNoFlag !== true) program.addOption(optionOf(setting))
  }
  for (const spec of commandSpecs) {
    const command = program
      .command(spec.usage)
      .summary(spec.summary)
      .description(spec.description ?? spec.summary)
      .helpOption('-h, --help', 'Show this help')
      .showHelpAfterError(`See the options with: sfpool ${commandNameOf(spec)} --help`)
      .action((...received: unknown[]) => run(spec, received.at(-1) as Command))
    for (const name of spec.settings) {
      const setting: Setting<unknown> = catalogue[name]
      if (setting.hasNoFlag !== true) command.addOption(optionOf(setting))
    }
    if (spec.examples !== undefined) command.addHelpText('after', `\nExamples:\n${indent(spec.examples)}`)
    for (const paragraph of extraHelp.get(spec) ?? []) command.addHelpText('after', `\n${paragraph}`)
  }
  return program
}

function optionOf(setting: Setting<unknown>): Option {
  const shown = setting.shownFallback ?? (isSwitch(setting) ? undefined : setting.fallback)
  const option = new Option(
    setting.flag,
    shown === undefined ? setting.description : `${setting.description} (default: ${String(shown)})`,
  )
  if (setting.isRepeatable === true) {
    option.argParser((value: string, previous: string[] | undefined) => [...(previous ?? []), value])
  }
  return option
}

async function runCommand(spec: CommandSpec, command: Command, terminal: Terminal): Promise<ExitCode> {
  const flags: SettingName[] = [...commonSettings, ...spec.settings]
  const names: SettingName[] = [...flags, ...(spec.inherited ?? [])]
  const { environment, directory } = terminal
  const given: Source[] = [
    flagSource(givenFlags(command, flags), directory),
    environmentSource(environment, directory),
  ]
  const { settings: place } = resolveSettings(['config'], given)
  const resolved = async () => {
    const files = await configFiles({ asked: place.config, directory, user: userPaths() })
    return resolveSettings(names, [...given, ...files])
  }
  const { settings, origins, files: filesOf } = await resolved()
  const context = createContext({
    settings,
    origins,
    files: filesOf,
    readAgain: async () => (await resolved()).settings,
    args: command.processedArgs.flat().filter(isText),
    terminal,
  })
  const run: Run<SettingName> = await spec.load()
  return run(context)
}

/** Returns only the flags written on the command line: commander fills in a value for `--no-color` on its own. */
function givenFlags(command: Command, names: readonly SettingName[]): Record<string, unknown> {
  const values: Record<string, unknown> = command.optsWithGlobals()
  const given: Record<string, unknown> = {}
  for (const name of names) {
    const setting: Setting<unknown> = catalogue[name]
    const attribute = new Option(setting.flag).attributeName()
    if (command.getOptionValueSourceWithGlobals(attribute) !== 'cli') continue
    given[longName(setting)] = isNegated(setting) ? false : values[attribute]
  }
  return given
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n')
}
