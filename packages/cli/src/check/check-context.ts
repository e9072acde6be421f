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
  | 'only'
  | 'exportGood'
  | 'baseUrl'
  | 'provider'
  | 'site'
  | 'sites'
  | 'proxy'
  | 'ca'

export type CheckContext = Context<CheckSetting>

/** Returns the probe of a check. `--min-balance` needs balances, unless `--probe` names another probe. */
export function probeOf({
  probe,
  minBalance,
}: Pick<Settings, 'probe' | 'minBalance'>): NonNullable<Settings['probe']> {
  return probe ?? (minBalance === undefined ? 'models' : 'balance')
}

/** Returns the format of the results. `--json` is short for `--format json`; any other `--format` wins over it. */
export function formatOf({ format, json }: Pick<Settings, 'format' | 'json'>): Settings['format'] {
  return json && format === 'table' ? 'json' : format
}
