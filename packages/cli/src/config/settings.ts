import type { KeyView, PolicyOptions, PoolOptions, ProbeName, VerdictKind } from '@sfpool/core'

import type { Interval } from './rule.js'
import type { StoreUrl } from './store-url.js'

/** How a key stands, as users see it: its health, or `disabled` when the operator switched it off. */
export type KeyStatus = KeyView['status'] | 'disabled'

export type CheckFormat = 'table' | 'json' | 'jsonl' | 'csv' | 'junit' | 'github'
/** One amount, or one for each currency. */
export type MinBalance = string | Readonly<Record<string, string>>
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** Which key serves what, under the names and in the shapes of the pool's own options; the pool checks what they hold. */
export type PolicyName =
  | keyof PolicyOptions
  | keyof Pick<PoolOptions, 'prices' | 'minBalance' | 'timeouts' | 'errors' | 'replayLimit'>
type PolicySettings = { readonly [Name in PolicyName]: unknown }

/**
 * Every setting, by the name it bears in a config file: the long flag in camel case. Undefined means nobody set it.
 * `catalogue.ts` says of each how it is read, checked and described.
 */
export interface Settings extends PolicySettings {
  readonly json: boolean
  /** Undefined leaves it to the terminal. */
  readonly color: boolean | undefined
  readonly quiet: boolean
  readonly verbose: boolean
  readonly store: StoreUrl | undefined
  readonly config: string | undefined

  readonly baseUrl: string | undefined
  readonly site: 'cn' | 'com' | undefined
  /** Other addresses for both sites, by their names; the pool checks them. */
  readonly sites: unknown

  readonly account: string | undefined
  readonly label: string | undefined
  readonly weight: number | undefined
  readonly balance: string | undefined
  readonly file: string | undefined
  readonly check: boolean
  readonly status: readonly KeyStatus[] | undefined
  readonly reveal: boolean
  readonly yes: boolean

  readonly concurrency: number
  readonly interval: Interval
  readonly retries: number
  readonly retryPause: number
  /** Milliseconds for one attempt of a check. */
  readonly timeout: number
  /** Milliseconds for all attempts of a check. */
  readonly deadline: number
  readonly probe: ProbeName | undefined
  readonly probeModel: string | undefined
  readonly minBalance: MinBalance | undefined
  readonly failOn: readonly VerdictKind[]
  readonly format: CheckFormat
  readonly output: string | undefined
  readonly resume: string | undefined
  readonly refresh: boolean
  readonly set: string | undefined
  readonly topUp: string | undefined

  /** When a server looks at its keys by itself; the pool checks it. */
  readonly checks: unknown
  readonly checkEvery: number | undefined
  readonly checkAfterCalls: number | undefined

  readonly host: string
  readonly port: number
  readonly keys: string | undefined
  readonly clientKey: readonly string[] | undefined
  readonly adminKey: string | undefined
  readonly timeoutConnect: number | undefined
  readonly timeoutFirstByte: number | undefined
  readonly timeoutFirstOutput: number | undefined
  readonly timeoutIdle: number | undefined
  readonly timeoutTotal: number | undefined
  /** Bytes. */
  readonly maxBody: number | undefined
  /** Milliseconds that running streams get to finish. */
  readonly shutdownTimeout: number
  readonly logLevel: LogLevel
  readonly trace: boolean
  readonly demo: boolean

  readonly model: string | undefined
  readonly stream: boolean
  readonly tokens: number | undefined
  readonly session: string | undefined

  /** Where a new list of prices is: a URL, a file, `-`. */
  readonly from: string | undefined
  /** The site whose prices are wanted; undefined for all. */
  readonly onlySite: 'cn' | 'com' | undefined

  readonly url: string | undefined
  readonly watch: boolean

  readonly simulatorPort: number
  readonly scenario: string | undefined
}

export type SettingName = keyof Settings

/** Settings that every command has. */
export const commonSettings: readonly ['json', 'color', 'quiet', 'verbose', 'store', 'config'] = [
  'json',
  'color',
  'quiet',
  'verbose',
  'store',
  'config',
]
