import { describe, expect, it } from 'vitest'
import { catalogue } from './catalogue.js'
import { resolveSettings, type Source } from './resolve.js'
import { type Setting, variableName } from './setting.js'
import type { SettingName } from './settings.js'
import { environmentSource, fileSource, flagSource } from './sources.js'
import { readDuration, readSize, shortDuration } from './units.js'

describe('durations', () => {
  it.each([
    ['0', 0],
    ['250', 250],
    ['250ms', 250],
    ['10s', 10_000],
    [' 5m ', 300_000],
    ['1h30m', 5_400_000],
    ['1H30M', 5_400_000],
    ['7d', 604_800_000],
    ['1d2h3m4s5ms', 93_784_005],
  ])('%j is read as %i milliseconds', (text, ms) => {
    expect(readDuration(text)).toBe(ms)
  })

  it.each([
    '',
    ' ',
    's',
    '-1',
    '-5s',
    '1.5h',
    '5 m',
    '30m1h',
    '5m5m',
    '10 apples',
    '10x',
    '1e3',
    '0x10',
    '٣s',
  ])('%j is no duration', (text) => {
    expect(readDuration(text)).toBeUndefined()
  })

  it('a duration that is written is read as the same one', () => {
    for (const ms of [0, 1, 999, 1_000, 61_000, 5_400_000, 93_784_005, 2_147_483_647])
      expect(readDuration(shortDuration(ms))).toBe(ms)
  })
})

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['65536', 65_536],
    ['7b', 7],
    ['512kb', 524_288],
    ['16mb', 16_777_216],
    ['1GB', 1_073_741_824],
  ])('%j is read as %i bytes, in powers of 1024', (text, bytes) => {
    expect(readSize(text)).toBe(bytes)
  })

  it.each(['', 'mb', '-1mb', '1.5mb', '16 mb', '16m', '16mib', '1tb', '1gb2mb', '1e3'])(
    '%j is no size',
    (text) => {
      expect(readSize(text)).toBeUndefined()
    },
  )
})

const places = (name: SettingName, written: string): [string, Source][] => {
  const setting: Setting<unknown> = catalogue[name]
  const flag: [string, Source][] =
    setting.hasNoFlag === true ? [] : [['a flag', flagSource({ [name]: written }, '/')]]
  return [
    ...flag,
    ['a variable', environmentSource({ [variableName(setting)]: written }, '/')],
    ['a file', fileSource('/a.json', { [name]: written })],
  ]
}

const namesOf = (kind: string): SettingName[] =>
  (Object.keys(catalogue) as SettingName[]).filter((name) => catalogue[name].flag.endsWith(`<${kind}>`))

describe('settings that are durations or sizes', () => {
  const cases = [
    ...namesOf('duration').map((name) => [name, '1m30s', 90_000, '90 seconds'] as const),
    ...namesOf('size').map((name) => [name, '2mb', 2_097_152, '2 megabytes'] as const),
  ]
  it('no duration and no size is described as a plain number', () => {
    expect(namesOf('ms')).toEqual([])
    expect(namesOf('bytes')).toEqual([])
    expect(cases.length).toBeGreaterThan(14)
  })

  it.each(cases)(
    '%s understands %j wherever it is written, and refuses %4$j',
    (name, written, value, wrong) => {
      const expected = name === 'interval' ? { minMs: value, maxMs: value } : value
      for (const [place, source] of places(name, written))
        expect([place, resolveSettings([name], [source]).settings[name]]).toEqual([place, expected])
      // The pool itself refuses what is wrong in its policy.
      if (catalogue[name].rule === 'must be valid JSON') return
      for (const [, source] of places(name, wrong))
        expect(() => resolveSettings([name], [source])).toThrow(
          /must be a (?:duration|size) such as .*received/,
        )
    },
  )

  it('a range of pauses may be written with units', () => {
    const pause = (written: string) => resolveSettings(['interval'], [flagSource({ interval: written }, '/')])
    expect(pause('200ms-1s').settings.interval).toEqual({ minMs: 200, maxMs: 1_000 })
    for (const wrong of ['1s-200ms', '1s-', '-1s', '1-2-3', ''])
      expect(() => pause(wrong)).toThrow('--interval must be a duration')
  })

  it('durations inside of the policy may be written with units, and other text stays', () => {
    const policy = (name: SettingName, value: unknown): unknown =>
      resolveSettings([name], [fileSource('/a.json', { [name]: value })]).settings[name]
    expect(policy('queue', { maxWaitMs: '10s', other: '10s' })).toEqual({ maxWaitMs: 10_000, other: '10s' })
    expect(policy('timeouts', { idle: '5m', models: { '*': { total: '1h' } } })).toEqual({
      idle: 300_000,
      models: { '*': { total: 3_600_000 } },
    })
    expect(policy('checks', { everyMs: '1 hour' })).toEqual({ everyMs: '1 hour' })
    expect(policy('limits', '{"learn":false}')).toEqual({ learn: false })
  })
})
