import type { CommandSpec } from '../command-spec.js'
import { commandSpecs } from '../command-specs.js'
import { catalogue } from '../config/catalogue.js'
import { type Setting, variableName } from '../config/setting.js'
import { commonSettings, type SettingName } from '../config/settings.js'
import { shownFallback } from '../config/shown-value.js'
import { type JsonExample, jsonExamples } from './json-examples.js'

const exitCodeRows: readonly (readonly [string, string])[] = [
  ['0', 'fine'],
  ['1', 'a check fell short: a bad key, a rejected line, an error that `doctor` found'],
  ['2', 'wrong usage or configuration; nothing was done'],
  ['3', 'could not find out: the network or the upstream failed'],
  ['130', 'interrupted; the results so far are printed'],
]

/** The reference of the command line as Markdown, made from the specs of the commands and the catalogue of settings. */
export function cliReference(): string {
  return [
    '# The command line',
    'Made from the source by `npm run reference:update`; changes here are lost. The file of settings is described in ' +
      '[configuration.md](configuration.md).',
    'Standard output is data, standard error is talk. Keys are masked unless `--reveal` is given.',
    '## Exit codes',
    table(['code', 'means'], exitCodeRows),
    '## Options of every command',
    optionTable(commonSettings),
    '`-h, --help` shows the help of a command, `-V, --version` the version.',
    ...commandSpecs.map(commandSection),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n')
}

function commandSection(spec: CommandSpec): string {
  const [name = ''] = spec.usage.split(' ')
  const examples = jsonExamples.filter(({ line }) => line.split(' ')[0] === name)
  return [
    `## sfpool ${escaped(spec.usage)}`,
    `${escaped(spec.description ?? spec.summary)}${/[.)]$/.test(spec.description ?? '') ? '' : '.'}`,
    ...(spec.actions === undefined
      ? []
      : [`The first argument is one of ${spec.actions.map(code).join(', ')}.`]),
    ...(spec.settings.length === 0 ? [] : [optionTable(spec.settings)]),
    ...(spec.inherited === undefined
      ? []
      : [`Also read, from variables and files only: ${spec.inherited.map(code).join(', ')}.`]),
    ...(spec.examples === undefined
      ? []
      : [fence('console', spec.examples.map((line) => `$ ${line}`).join('\n'))]),
    ...examples.map(jsonSection),
  ].join('\n\n')
}

function jsonSection({ line, output }: JsonExample): string {
  return fence('console', `$ sfpool ${line} --json\n${JSON.stringify(output, null, 2)}`)
}

function optionTable(names: readonly SettingName[]): string {
  return table(['option', 'variable', 'default', 'what it does'], names.map(optionRow))
}

function optionRow(name: SettingName): readonly string[] {
  const setting: Setting<unknown> = catalogue[name]
  const variables = [variableName(setting), ...(setting.variables ?? [])].map(code).join(', ')
  const option = setting.hasNoFlag === true ? `no flag: ${code(name)}` : code(setting.flag)
  return [option, variables, escaped(shownFallback(setting) ?? ''), escaped(setting.description)]
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

export const code = (text: string): string => `\`${text}\``

/** `<` and `[` begin tags and links in Markdown; `*` emphasis. */
export const escaped = (text: string): string => text.replace(/[<[*]/g, '\\$&')

const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``
