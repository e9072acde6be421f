import type { Rule } from './rule.js'

/** One thing a user can set: by flag, by variable, in a file. */
export interface Setting<T> extends Rule<T> {
  /** As the command line shows it, `--port <port>`. Its name also makes the variable: `SFPOOL_PORT`. */
  readonly flag: string
  /** Only its name comes from `flag`: what it holds is too much for a command line. */
  readonly hasNoFlag?: boolean
  readonly description: string
  /** The value when nobody set one. */
  readonly fallback: T
  /** How help shows the fallback, when its plain form says too little. */
  readonly shownFallback?: string
  /** Variables understood beside the one named after the flag. */
  readonly variables?: readonly string[]
  /** The flag may be given several times. */
  readonly isRepeatable?: boolean
  /** The value is never shown, not even in an error. */
  readonly isSecret?: boolean
  /** Consent is given anew each time: a file cannot give it. */
  readonly isConsent?: boolean
  /** Makes a path that was written relative to where it was written absolute. */
  anchor?(value: T, directory: string): T
}

/** `--base-url <url>` -> `base-url`, `-f, --file <file>` -> `file`, `--no-color` -> `no-color`. */
export function longName(setting: Pick<Setting<unknown>, 'flag'>): string {
  return /--([a-z-]+)/.exec(setting.flag)?.[1] ?? setting.flag
}

/** A flag like `--no-color` sets its setting to false. */
export function isNegated(setting: Pick<Setting<unknown>, 'flag'>): boolean {
  return longName(setting).startsWith('no-')
}

/** A flag that takes no value. */
export function isSwitch(setting: Pick<Setting<unknown>, 'flag'>): boolean {
  return !setting.flag.includes('<')
}

export function variableName(setting: Pick<Setting<unknown>, 'flag'>): string {
  return `SFPOOL_${longName(setting).replaceAll('-', '_').toUpperCase()}`
}
