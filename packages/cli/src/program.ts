import { Command, CommanderError, Option } from 'commander'
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
import { type Verb, verbs } from './verbs.js'

declare const __SFPOOL_VERSION__: string

/** Runs one command line (without the program's own name) and tells how the process should end. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  try {
    const program = createProgram(terminal, {
      notes: await notesFor(argv),
      run: async (verb, command) => {
        code = await runVerb(verb, command, terminal)
      },
    })
    await program.parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    // Commander has printed its own message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    return reportError(error, terminal, argv.includes('--verbose') || argv.includes('-v'))
  }
}

/** What the help of some commands says at its end, loaded only when it is asked for: a command must start fast. */
async function notesFor(argv: readonly string[]): Promise<ReadonlyMap<Verb, readonly string[]>> {
  const notes = new Map<Verb, readonly string[]>()
  if (!argv.some((word) => word === '--help' || word === '-h' || word === 'help')) return notes
  for (const verb of verbs) {
    if (argv.includes(nameOf(verb)) && verb.notes !== undefined) notes.set(verb, await verb.notes())
  }
  return notes
}

const nameOf = ({ usage }: Verb): string => usage.split(' ')[0] ?? usage

interface ProgramParts {
  readonly notes: ReadonlyMap<Verb, readonly string[]>
  readonly run: (verb: Verb, command: Command) => Promise<void>
}

function createProgram(terminal: Terminal, { notes, run }: ProgramParts): Command {
  const program = new Command('sfpool')
    .description('A pool of API keys for SiliconFlow and any OpenAI-compatible API.')
    .version(__SFPOOL_VERSION__)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('see what there is with: sfpool --help')
    .configureOutput({
      writeOut: (text) => terminal.out.write(text),
      writeErr: (text) => terminal.err.write(text),
      // A mistyped command line may hold a key.
      outputError: (text, write) => write(scrub(text)),
    })
    .addHelpText(
      'after',
      `\nEvery flag can also be a variable, as in ${variableName(catalogue.port)}, or stand in sfpool.config.{json,yaml}.`,
    )
  for (const name of commonSettings) program.addOption(optionOf(catalogue[name]))
  for (const verb of verbs) {
    const command = program
      .command(verb.usage)
      .summary(verb.summary)
      .description(verb.description ?? verb.summary)
      .showHelpAfterError(`see what there is with: sfpool ${nameOf(verb)} --help`)
      .action((...received: unknown[]) => run(verb, received.at(-1) as Command))
    for (const name of verb.settings) {
      const setting: Setting<unknown> = catalogue[name]
      if (setting.hasNoFlag !== true) command.addOption(optionOf(setting))
    }
    if (verb.examples !== undefined) command.addHelpText('after', `\nExamples:\n${indent(verb.examples)}`)
    for (const note of notes.get(verb) ?? []) command.addHelpText('after', `\n${note}`)
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

async function runVerb(verb: Verb, command: Command, terminal: Terminal): Promise<ExitCode> {
  const names: SettingName[] = [...commonSettings, ...verb.settings]
  const { environment, directory } = terminal
  const given: Source[] = [
    flagSource(givenFlags(command, names), directory),
    environmentSource(environment, directory),
  ]
  const { settings: place } = resolveSettings(['config'], given)
  const files = await configFiles({ asked: place.config, directory, user: userPaths() })
  const { settings, origins } = resolveSettings(names, [...given, ...files])
  const context = createContext({
    settings,
    origins,
    args: command.processedArgs.flat().filter(isText),
    terminal,
  })
  const run: Run<SettingName> = await verb.load()
  return run(context)
}

/** Only what was written on the command line: commander fills in a value for `--no-color` on its own. */
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
