import { homedir } from 'node:os'
import { sep } from 'node:path'
import { CliError } from '../cli-error.js'
import { configPaths } from '../config/config-files.js'
import { dottedName, partOf } from '../config/dotted-name.js'
import type { Found } from '../config/resolve.js'
import { shownFallback, shownValue, textOf, withoutSecret } from '../config/shown-value.js'
import { type ConfigSurvey, type SurveyedSetting, surveyConfig } from '../config/survey-config.js'
import { unknownAction } from '../config/unknown-action.js'
import { userPaths } from '../config/user-paths.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { renderTable } from '../render/table.js'
import { setConfig, unsetConfig } from './config-change.js'

type ConfigContext = Context<'all'>

const actions = ['get', 'set', 'unset', 'list', 'path'] as const

/** Shows and changes settings. Works with files that are wrong, too, so that they can be mended. */
export async function config(context: ConfigContext): Promise<ExitCode> {
  const [action = '', name, ...words] = context.args
  if (action === 'list') return list(context, [...(name === undefined ? [] : [name]), ...words])
  if (action === 'path') return showPath(context)
  if (action !== 'get' && action !== 'set' && action !== 'unset')
    throw unknownAction('config', action, actions)
  if (name === undefined) throw new CliError(`name a setting: sfpool config ${action} <name>`)
  if (action === 'get') return get(context, name)
  return action === 'set' ? setConfig(context, name, words) : unsetConfig(context, name)
}

async function get(context: ConfigContext, written: string): Promise<ExitCode> {
  const target = dottedName(written)
  const survey = await surveyOf(context)
  const found = survey.settings.find(({ name }) => name === target.name)
  if (found === undefined) throw new CliError(`no setting has the name ${written}`)
  if (found.problem !== undefined) throw new CliError(found.problem)
  const value = partOf(shownValue(found.name, found.setting, found.value), target.path) ?? null
  if (context.settings.json)
    context.printJson({
      name: written,
      value,
      source: sourceOf(found.found),
      from: found.found?.origin ?? null,
    })
  else if (value !== null) context.print(textOf(value))
  else {
    const fallback = shownFallback(found.setting)
    context.say(`${written} is not set${fallback === undefined ? '' : `; default: ${fallback}`}`)
  }
  return exitCodes.ok
}

async function list(context: ConfigContext, others: readonly string[]): Promise<ExitCode> {
  if (others.length > 0)
    throw new CliError('list shows all settings; for one of them: sfpool config get <name>')
  const survey = await surveyOf(context)
  for (const text of problemsOf(survey)) context.say(`warning: ${text}`)
  if (context.settings.json) {
    context.printJson({
      settings: survey.settings.map(jsonRow),
      files: survey.files.map(({ path, names }) => ({ path, names })),
    })
    return exitCodes.ok
  }
  const isSet = ({ found }: SurveyedSetting): boolean => found !== undefined
  const rows = context.settings.all ? survey.settings : survey.settings.filter(isSet)
  const layout = { maxWidth: context.terminal.out.columns(), paint: context.paint }
  for await (const lines of renderTable(rows, columns, layout)) context.print(lines)
  const rest = survey.settings.length - rows.length
  if (rows.length === 0)
    context.say('nothing is set; change a setting with: sfpool config set <name> <value>')
  if (rest > 0)
    context.say(`${rest} ${rows.length === 0 ? '' : 'more '}settings have their default; --all shows them`)
  return exitCodes.ok
}

function showPath(context: ConfigContext): ExitCode {
  const { configFile: path } = userPaths()
  const used = configPaths(placesOf(context))
  if (context.settings.json) context.printJson({ path, files: used })
  else context.print(path)
  if (!used.includes(path)) context.detail('the file is not there yet; sfpool config set makes it')
  for (const other of used) if (other !== path) context.detail(`also read, and before it: ${other}`)
  return exitCodes.ok
}

const columns = [
  { title: 'NAME', cell: ({ name }: SurveyedSetting): string => name, importance: 4 },
  { title: 'VALUE', cell: valueCell, importance: 3, minWidth: 12 },
  {
    title: 'FROM',
    cell: fromCell,
    importance: 2,
    minWidth: 8,
  },
]

/** Shown as it was written: durations with their units, paths from the root. */
function valueCell({ name, setting, value, found, problem }: SurveyedSetting): string {
  if (problem !== undefined) return 'wrong'
  if (found === undefined) return shownFallback(setting) ?? ''
  const isMoved = setting.anchor !== undefined
  return textOf(isMoved ? shownValue(name, setting, value) : withoutSecret(name, setting, found.value))
}

/** The variable, or the file. */
function fromCell({ found }: SurveyedSetting): string {
  return (found?.file ?? found?.origin ?? 'default').replace(`${homedir()}${sep}`, `~${sep}`)
}

function jsonRow({ name, setting, value, found, problem }: SurveyedSetting): object {
  return {
    name,
    value: shownValue(name, setting, value),
    source: sourceOf(found),
    from: found?.origin ?? null,
    default: shownFallback(setting) ?? null,
    isLive: setting.isLive === true,
    ...(problem === undefined ? {} : { problem }),
  }
}

function sourceOf(found: Found | undefined): 'default' | 'environment' | 'file' | 'user' {
  if (found === undefined) return 'default'
  if (found.file === undefined) return 'environment'
  return found.file === userPaths().configFile ? 'user' : 'file'
}

function problemsOf({ files, settings }: ConfigSurvey): string[] {
  return [
    ...files.flatMap(({ problems }) =>
      problems.map(({ message, hint }) => [message, hint].filter(Boolean).join('. ')),
    ),
    ...settings.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
  ]
}

const placesOf = ({ settings, terminal }: ConfigContext) => ({
  asked: settings.config,
  directory: terminal.directory,
  environment: terminal.environment,
  user: userPaths(),
})

const surveyOf = (context: ConfigContext): Promise<ConfigSurvey> => surveyConfig(placesOf(context))
