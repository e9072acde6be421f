import type { CommandSpec } from '../command-spec.js'
import { commandSpecs } from '../command-specs.js'
import { catalogue } from '../config/catalogue.js'
import { isSwitch, longName, type Setting } from '../config/setting.js'
import { commonSettings, type SettingName } from '../config/settings.js'

/** A command line that is being typed. */
export interface CommandLine {
  readonly spec: CommandSpec | undefined
  /** The settings whose flags the command has. */
  readonly settings: readonly SettingName[]
  /** The arguments before the one at the cursor, without flags and their values. */
  readonly args: readonly string[]
  /** The setting whose value is typed at the cursor. */
  readonly valued: SettingName | undefined
  /** What is typed of the word at the cursor; of `--flag=value` the value. */
  readonly typed: string
  /** What stands before `typed` in the same word. */
  readonly lead: string
}

/** Reads the words up to the cursor, the last of which is the one at the cursor, perhaps empty. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const before = words.slice(0, -1)
  const current = words.at(-1) ?? ''
  const args: string[] = []
  let spec: CommandSpec | undefined
  let settings = withFlags(commonSettings)
  let open: SettingName | undefined
  for (const word of before) {
    const flag = open === undefined ? flagOf(word, settings) : undefined
    if (open !== undefined) open = undefined
    else if (flag !== undefined) open = takesValue(flag) && !word.includes('=') ? flag : undefined
    else if (word.startsWith('-')) continue
    else if (spec === undefined) {
      spec = commandSpecs.find(({ usage }) => usage.split(' ')[0] === word)
      if (spec !== undefined) settings = withFlags([...spec.settings, ...commonSettings])
    } else args.push(word)
  }
  const [, lead = '', value = ''] = /^(--[a-z-]+=)(.*)$/s.exec(current) ?? []
  const valued = open ?? (lead === '' ? undefined : flagOf(lead.slice(0, -1), settings))
  return { spec, settings, args, valued, typed: lead === '' ? current : value, lead }
}

const withFlags = (names: readonly SettingName[]): SettingName[] =>
  names.filter((name) => settingOf(name).hasNoFlag !== true)

const settingOf = (name: SettingName): Setting<unknown> => catalogue[name]

const takesValue = (name: SettingName): boolean => !isSwitch(settingOf(name))

/** The setting of a flag, in its long or its short form. */
function flagOf(word: string, settings: readonly SettingName[]): SettingName | undefined {
  const [flag] = word.split('=')
  return settings.find((name) => {
    const setting = settingOf(name)
    return flag === `--${longName(setting)}` || flag === /^-\w/.exec(setting.flag)?.[0]
  })
}
