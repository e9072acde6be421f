import { describe, expect, it } from 'vitest'
import { commandSpecs } from '../command-specs.js'
import { createHome } from '../testing/run-cli.js'
import { catalogue } from './catalogue.js'
import { resolveSettings } from './resolve.js'
import { isNegated, type Setting, variableName } from './setting.js'
import { commonSettings, type SettingName } from './settings.js'
import { environmentSource, flagSource } from './sources.js'

const settingOf = (name: SettingName): Setting<unknown> => catalogue[name]
const hasVariable = (name: SettingName): boolean => settingOf(name).isFlagOnly !== true
const names = (Object.keys(catalogue) as SettingName[]).filter(hasVariable)

/** A value for each rule, other than any default. */
function sampleOf(name: SettingName): string {
  const setting = settingOf(name)
  const { flag, rule } = setting
  if (name === 'usageBy') return 'model'
  if (setting.choices !== undefined)
    return setting.choices.find((choice) => choice !== setting.fallback) ?? ''
  if (/true or false/.test(rule)) return 'true'
  if (/a duration/.test(rule) || /<duration>/.test(flag)) return '7m'
  if (/a size/.test(rule) || /<size>/.test(flag)) return '7mb'
  if (/whole number|number above|amount/.test(rule)) return '7'
  if (/URL without/.test(rule)) return 'http://127.0.0.1:7/v1'
  if (/origins/.test(rule)) return 'https://seven.example'
  if (name === 'sort') return '-label'
  if (name === 'window') return '7m'
  if (name === 'firstDay' || name === 'lastDay') return '2026-07-07'
  if (name === 'store') return 'file:seven.db'
  if (name === 'toEnv') return 'SEVEN'
  return 'seven'
}

const withVariable = (name: SettingName, variable: string, value: string): unknown =>
  resolveSettings([name], [environmentSource({ [variable]: value }, '/')]).settings[name]

describe('variables', () => {
  it.each(names)('%s has the same value from its variable as from its flag', (name) => {
    const setting = settingOf(name)
    const sample = sampleOf(name)
    const written = isNegated(setting) ? false : sample
    const byFlag = resolveSettings([name], [flagSource({ [name]: written }, '/')]).settings[name]
    expect(byFlag).not.toEqual(setting.fallback)
    expect(withVariable(name, variableName(setting), sample)).toEqual(byFlag)
    for (const variable of setting.variables ?? [])
      expect(withVariable(name, variable, sample)).toEqual(byFlag)
  })

  it('every variable is SFPOOL_ and the words of the flag', () => {
    for (const name of names) expect(variableName(settingOf(name))).toMatch(/^SFPOOL_[A-Z]+(?:_[A-Z]+)*$/)
  })

  it('settings of one command have variables of their own', () => {
    for (const { settings, inherited = [] } of commandSpecs) {
      const variables = [...commonSettings, ...settings, ...inherited]
        .filter(hasVariable)
        .map((name) => variableName(settingOf(name)))
      expect(variables).toEqual([...new Set(variables)])
    }
  })

  it.each([
    ['SILICONFLOW_BASE_URL', 'baseUrl'],
    ['PORT', 'port'],
    ['LB_API_KEY', 'clientKey'],
    ['LB_ADMIN_KEY', 'adminKey'],
    ['ADMIN_PASSWORD', 'adminKey'],
    ['AUTO_QUERY_BALANCE_AFTER_CALLS', 'checkAfterCalls'],
  ] as const)('%s of other systems sets %s, unless the variable of sfpool does', (variable, name) => {
    const setting = settingOf(name)
    const [ours, theirs] = name === 'baseUrl' ? ['http://a.example', 'http://b.example'] : ['1', '2']
    const both = { [variable]: theirs, [variableName(setting)]: ours }
    const single = resolveSettings([name], [environmentSource({ [variable]: theirs }, '/')])
    expect([single.origins[name], setting.variables]).toEqual([variable, expect.arrayContaining([variable])])
    expect(resolveSettings([name], [environmentSource(both, '/')]).origins[name]).toBe(variableName(setting))
  })

  it('a wrong variable stops a command, and the message names it', async () => {
    using home = createHome()
    for (const name of ['concurrency', 'timeout', 'probe', 'interval'] as const) {
      const variable = variableName(settingOf(name))
      const ran = await home.run(['check'], { environment: { [variable]: 'x y' } })
      expect(ran).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(`(from ${variable})`),
      })
    }
  })
})
