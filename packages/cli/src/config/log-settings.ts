import type { PoolOptions } from '@sfpool/core'
import type { AppLogOptions } from '@sfpool/gateway'
import { CliError } from '../cli-error.js'
import type { LogName } from './log-catalogue.js'
import type { Settings } from './settings.js'

/** What becomes of the settings of the log. The gateway and the pool check what they mean. */
export interface LogSettings {
  /** How requests are logged on standard error; undefined where the terminal decides. */
  readonly format: Settings['logFormat']
  readonly app: Pick<AppLogOptions, 'level' | 'file' | 'size' | 'count'>
}

const parts = ['file', 'size', 'count', 'keep']

/** The settings of the application log: each flag goes before its part of `log`. */
export function logSettings(settings: Pick<Settings, Exclude<LogName, 'logKeep'>>): LogSettings {
  const given = logParts(settings.log)
  const { logLevel: level, logFormat: format } = settings
  const { logFile: file = given.file, logSize: size = given.size, logCount: count = given.count } = settings
  return { format, app: { level, file, size, count } as LogSettings['app'] }
}

/** The pool's option `log`: what is kept of requests. */
export function requestLogOption({
  log,
  logKeep,
}: Partial<Pick<Settings, 'log' | 'logKeep'>>): PoolOptions['log'] | undefined {
  const keep = logKeep ?? logParts(log).keep
  return keep === undefined ? undefined : ({ keep } as PoolOptions['log'])
}

function logParts(given: unknown): Readonly<Record<string, unknown>> {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new CliError(`log must be an object of ${parts.join(', ')}; received ${JSON.stringify(given)}`)
  const unknown = Object.keys(given).find((name) => !parts.includes(name))
  if (unknown === undefined) return given as Readonly<Record<string, unknown>>
  throw new CliError(`log.${unknown} is not a setting; log has ${parts.join(', ')}`, {
    hint: 'The level and the format are logLevel and logFormat',
  })
}
