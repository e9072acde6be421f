import type { Rule } from './rule.js'

/** A setting: a user can set it by a flag, by a variable or in a file. */
export interface Setting<T> extends Rule<T> {
  /** The flag as help shows it, `--port <port>`. The name of the variable follows from it: `SFPOOL_PORT`. */
  readonly flag: string
  /** The command line does not accept the setting, because its value is too large. `flag` only provides its name. */
  readonly hasNoFlag?: boolean
  readonly description: string
  /** The value of the setting when it is not set. */
  readonly fallback: T
  /** How help describes the fallback, when the plain value says too little. */
  readonly shownFallback?: string
  /** Further variables beside the one named after the flag. */
  readonly variables?: readonly string[]
  /** The flag may be given several times. */
  readonly isRepeatable?: boolean
  /** The value is never printed, not even in an error. */
  readonly isSecret?: boolean
  /** The setting belongs to one command line: its flag means something else elsewhere. */
  readonly isFlagOnly?: boolean
  /** A running server takes a change of the setting over from its configuration file. Others need a restart. */
  readonly isLive?: boolean
  /** The setting is a consent, which must be given for each run: a file cannot give it. */
  readonly isConsent?: boolean
  /** Makes a relative path absolute, starting from the directory where it was written. */
  anchor?(value: T, directory: string): T
  /** The value as a file holds it, where it has another form when it is parsed. */
  written?(value: T): unknown
}

/** Returns the long name of a flag: `--base-url <url>` -> `base-url`, `-f, --file <file>` -> `file`. */
export function longName(setting: Pick<Setting<unknown>, 'flag'>): string {
  return /--([a-z-]+)/.exec(setting.flag)?.[1] ?? setting.flag
}

/** How messages call a setting: by its flag where it has one, else by its name in a file. */
export function optionName(name: string, setting: Pick<Setting<unknown>, 'flag' | 'hasNoFlag'>): string {
  return setting.hasNoFlag === true ? name : setting.flag.replace(/^-\w, /, '').replace(/ <.*$/, '')
}

/** Whether the flag sets its setting to false, as `--no-color` does. */
export function isNegated(setting: Pick<Setting<unknown>, 'flag'>): boolean {
  return longName(setting).startsWith('no-')
}

/** Whether the flag takes no value. */
export function isSwitch(setting: Pick<Setting<unknown>, 'flag'>): boolean {
  return !setting.flag.includes('<')
}

export function variableName(setting: Pick<Setting<unknown>, 'flag'>): string {
  return `SFPOOL_${longName(setting).replaceAll('-', '_').toUpperCase()}`
}

/** Whether a configuration file can give the setting. */
export const isForFiles = ({ isConsent, isFlagOnly }: Setting<unknown>): boolean =>
  isConsent !== true && isFlagOnly !== true
