import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'

export type CheckSetting =
  | 'concurrency'
  | 'interval'
  | 'retries'
  | 'retryPause'
  | 'timeout'
  | 'deadline'
  | 'probe'
  | 'probeModel'
  | 'minBalance'
  | 'failOn'
  | 'format'
  | 'output'
  | 'resume'
  | 'baseUrl'
  | 'site'
  | 'sites'

export type CheckContext = Context<CheckSetting>

/** What is asked for: a least balance wants balances, unless something else was wished for. */
export function probeOf({
  probe,
  minBalance,
}: Pick<Settings, 'probe' | 'minBalance'>): NonNullable<Settings['probe']> {
  return probe ?? (minBalance === undefined ? 'models' : 'balance')
}

/** `--json` is short for the format of that name, and gives way to any other that was asked for. */
export function formatOf({ format, json }: Pick<Settings, 'format' | 'json'>): Settings['format'] {
  return json && format === 'table' ? 'json' : format
}
