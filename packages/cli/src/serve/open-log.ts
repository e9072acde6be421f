import type { KeyPool } from '@sfpool/core'
import type { AppLog } from '@sfpool/gateway'
import type { LogName } from '../config/log-catalogue.js'
import { logSettings } from '../config/log-settings.js'
import type { Context } from '../context.js'
import { withOrigin } from '../pool/with-origin.js'
import { logLine } from '../render/log-line.js'

type LogContext = Context<Exclude<LogName, 'logKeep'>>

/** Whether requests are logged for people rather than for programs. */
export function isLogPretty({ settings, terminal }: LogContext): boolean {
  return (settings.logFormat ?? (terminal.err.isTTY ? 'pretty' : 'json')) === 'pretty'
}

/** Opens the log of a server: on standard error for people or as JSON, in memory, and in a file where one is named. */
export async function openLog(context: LogContext, pool: KeyPool): Promise<AppLog> {
  const { settings, terminal, origins, paintErr: paint } = context
  const { err } = terminal
  const { AppLog } = await import('@sfpool/gateway')
  const maskOf = (id: string): string | undefined => pool.keys.get(id)?.key
  const write = isLogPretty(context)
    ? (json: string) => err.writeSoon(`${logLine(json, { paint, columns: err.columns(), maskOf })}\n`)
    : (json: string) => err.writeSoon(json)
  try {
    return new AppLog({ ...logSettings(settings).app, output: { write } })
  } catch (error) {
    const { logFile, log = logFile } = origins
    throw withOrigin(error, log === undefined ? {} : { log: logFile ?? log })
  }
}
