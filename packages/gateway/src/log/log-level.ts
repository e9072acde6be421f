/** The levels of the application log, the least important first. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

export type LogLevel = (typeof logLevels)[number]

/** The number that stands for a level in a line. */
export function levelNumber(level: LogLevel): number {
  return (logLevels.indexOf(level) + 1) * 10
}

/** The level that a number stands for. */
export function levelName(number: number): LogLevel {
  return logLevels[Math.floor(number / 10) - 1] ?? 'info'
}
