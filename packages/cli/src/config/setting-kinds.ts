import { resolve } from 'node:path'
import { optional, text, toggle } from './rule.js'
import type { Setting } from './setting.js'

/** A setting that holds a path. `-` stands for standard input or output, wherever it is written. */
export const pathSetting: Pick<Setting<string | undefined>, 'schema' | 'rule' | 'fallback'> & {
  anchor: NonNullable<Setting<string | undefined>['anchor']>
} = {
  ...optional(text),
  fallback: undefined,
  anchor: (value: string | undefined, directory: string) =>
    value === undefined || value === '-' ? value : resolve(directory, value),
}

/** Makes a switch that is off by default. */
export const switchSetting = (flag: string, description: string): Setting<boolean> => ({
  ...toggle,
  flag,
  description,
  fallback: false,
})
