import { resolve } from 'node:path'
import { oneOf, optional, structure, wholeNumber } from './rule.js'
import type { Setting } from './setting.js'
import { pathSetting, sizeFrom } from './setting-kinds.js'
import type { Settings } from './settings.js'

export type LogName = 'logLevel' | 'logFormat' | 'logFile' | 'logSize' | 'logCount' | 'logKeep' | 'log'

/** What a server writes of what it does, and where. */
export const logCatalogue: { readonly [Name in LogName]: Setting<Settings[Name]> } = {
  logLevel: {
    isLive: true,
    ...oneOf(['silent', 'error', 'warn', 'info', 'debug']),
    flag: '--log-level <level>',
    description: 'Level of the log: silent, error, warn, info or debug',
    fallback: 'info',
  },
  logFormat: {
    ...optional(oneOf(['pretty', 'json'])),
    flag: '--log-format <format>',
    description: 'How requests are logged on standard error: pretty for people or json',
    fallback: undefined,
    shownFallback: 'pretty in a terminal, else json',
  },
  logFile: {
    ...pathSetting,
    flag: '--log-file <file>',
    description: 'Write the log to this file as well, as lines of JSON',
  },
  logSize: {
    ...optional(sizeFrom(1_024)),
    flag: '--log-size <size>',
    description: 'Size of the log file before it is put aside as <file>.1',
    fallback: undefined,
    shownFallback: '16mb',
  },
  logCount: {
    ...optional(wholeNumber({ min: 1, max: 1_000, unit: 'files' })),
    flag: '--log-count <files>',
    description: 'Log files that are kept, the present one included',
    fallback: undefined,
    shownFallback: '5',
  },
  logKeep: {
    ...structure,
    flag: '--log-keep <json>',
    description: 'What is kept of served requests in the store: {"rows", "days", "megabytes"} or false',
    fallback: undefined,
    shownFallback: '{"rows":100000,"days":30,"megabytes":64}',
  },
  log: {
    ...structure,
    flag: '--log <json>',
    hasNoFlag: true,
    description: 'The settings of the log in one: file, size, count and keep',
    fallback: undefined,
    anchor: (value, directory) => {
      const file = typeof value === 'object' && value !== null ? Reflect.get(value, 'file') : undefined
      return typeof file === 'string' ? { ...(value as object), file: resolve(directory, file) } : value
    },
  },
}
