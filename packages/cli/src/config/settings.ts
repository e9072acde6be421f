import type {
  KeyView,
  PolicyOptions,
  PoolOptions,
  ProbeName,
  ProviderName,
  UsageDimension,
  VerdictKind,
} from '@sfpool/core'

import type { ImportSource } from '../import/imported.js'
import type { KeyColumnName } from '../keys/key-columns.js'
import type { SortOrder } from '../keys/sort-keys.js'
import type { Origins } from './origins-rule.js'
import type { Interval } from './setting-kinds.js'
import type { StoreUrl } from './store-url.js'

/** The state of a key as users see it: its health, or `disabled` when the operator disabled it. */
export type KeyStatus = KeyView['status'] | 'disabled'

export type CheckFormat = 'table' | 'json' | 'jsonl' | 'csv' | 'junit' | 'github'
/** One amount, or one amount per currency. */
export type MinBalance = string | Readonly<Record<string, string>>
export type UsageFormat = 'table' | 'csv' | 'json'
export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** The settings with the names and shapes of the pool's own options. The pool checks their contents. */
export type PolicyName =
  | keyof PolicyOptions
  | keyof Pick<
      PoolOptions,
      'prices' | 'minBalance' | 'history' | 'timeouts' | 'errors' | 'replayLimit' | 'saveDelayMs'
    >
type PolicySettings = { readonly [Name in PolicyName]: unknown }

/**
 * Every setting by its name in a config file, which is the long flag in camel case. Undefined means that it is not set.
 * `catalogue.ts` defines how each setting is parsed, checked and described.
 */
export interface Settings extends PolicySettings {
  readonly json: boolean
  /** Undefined: the terminal decides. */
  readonly color: boolean | undefined
  readonly quiet: boolean
  readonly verbose: boolean
  readonly store: StoreUrl | undefined
  /** The secret that seals the keys of the store. */
  readonly secret: string | undefined
  /** The path of a file with that secret. */
  readonly secretFile: string | undefined
  readonly config: string | undefined

  readonly baseUrl: string | undefined
  readonly provider: ProviderName | undefined
  readonly site: 'cn' | 'com' | undefined
  /** Other addresses of both sites, by site name. The pool checks them. */
  readonly sites: unknown

  readonly account: string | undefined
  readonly label: string | undefined
  readonly weight: number | undefined
  readonly balance: string | undefined
  readonly file: string | undefined
  readonly check: boolean
  readonly status: readonly KeyStatus[] | undefined
  /** Also the settings that have their default. */
  readonly all: boolean
  readonly reveal: boolean
  readonly yes: boolean

  readonly sort: SortOrder | undefined
  /** Words that a listed key must hold. */
  readonly search: string | undefined
  readonly limit: number | undefined
  /** The columns of a list, in their order. */
  readonly columns: readonly KeyColumnName[] | undefined
  /** Only keys whose balance is known and at least this. */
  readonly leastBalance: MinBalance | undefined
  /** Only the keys that the setting `selected` names. */
  readonly onlySelected: boolean
  /** What stands between two exported keys. */
  readonly separator: string | undefined
  readonly withBalance: boolean
  readonly exportFormat: 'text' | 'csv' | 'json'

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
  /** Which results of a check are printed. */
  readonly only: 'good' | 'bad' | undefined
  /** The path of a file that good keys are written to. */
  readonly exportGood: string | undefined
  readonly refresh: boolean
  readonly set: string | undefined
  readonly topUp: string | undefined

  /** When a server checks its keys on a schedule. The pool checks the contents. */
  readonly checks: unknown
  readonly checkEvery: number | undefined
  readonly checkAfterCalls: number | undefined

  readonly host: string
  readonly port: number
  readonly keys: string | undefined
  readonly clientKey: readonly string[] | undefined
  readonly clientKeyFile: string | undefined
  readonly adminKey: string | undefined
  readonly adminKeyFile: string | undefined
  /** The origins whose web pages may call; true for all. */
  readonly cors: Origins | undefined
  readonly timeoutConnect: number | undefined
  readonly timeoutFirstByte: number | undefined
  readonly timeoutFirstOutput: number | undefined
  readonly timeoutIdle: number | undefined
  readonly timeoutStalled: number | undefined
  readonly timeoutTotal: number | undefined
  /** Bytes. */
  readonly maxBody: number | undefined
  /** Milliseconds that a client may take nothing of its answer. */
  readonly sendTimeout: number | undefined
  /** Milliseconds that a client may pause in the middle of its body. */
  readonly bodyTimeout: number | undefined
  readonly bodyMinRate: number | undefined
  /** Bytes of memory for bodies and answers that are buffered. */
  readonly bufferBudget: number | undefined
  /** The URL of the proxy to the upstream, or `none`. */
  readonly proxy: string | undefined
  /** The path of a file with certificates of authorities. */
  readonly ca: string | undefined
  /** Milliseconds in which running requests may finish. */
  readonly shutdownTimeout: number
  readonly logLevel: LogLevel
  readonly logFormat: 'pretty' | 'json' | undefined
  readonly logFile: string | undefined
  readonly logSize: number | undefined
  readonly logCount: number | undefined
  /** The pool checks what it holds. */
  readonly logKeep: unknown
  /** File, size, count and keep in one. */
  readonly log: unknown
  readonly trace: boolean
  readonly demo: boolean

  readonly model: string | undefined
  readonly stream: boolean
  readonly tokens: number | undefined
  readonly session: string | undefined

  /** The system whose file is imported. */
  readonly importFrom: ImportSource
  readonly dryRun: boolean
  /** The source of a new price list: a URL, a file, or `-` for standard input. */
  readonly from: string | undefined
  /** The site whose prices are shown; undefined for all sites. */
  readonly onlySite: 'cn' | 'com' | undefined

  /** The variable that holds the new secret of the store. */
  readonly toEnv: string | undefined
  /** The path of a file that holds the new secret of the store, or will. */
  readonly toFile: string | undefined

  readonly url: string | undefined
  readonly watch: boolean
  /** The time up to now that figures are shown of, as in `24h`. */
  readonly window: string | undefined
  /** What figures are split by. */
  readonly by: 'key' | 'account' | 'model' | 'client' | undefined

  /** Days of usage, and how they are split and shown. */
  readonly days: number
  readonly firstDay: string | undefined
  readonly lastDay: string | undefined
  readonly usageBy: readonly UsageDimension[]
  readonly usageFormat: UsageFormat

  readonly simulatorPort: number
  readonly scenario: string | undefined
}

export type SettingName = keyof Settings

/** The settings that every command has. */
export const commonSettings: readonly [
  'json',
  'color',
  'quiet',
  'verbose',
  'store',
  'secret',
  'secretFile',
  'config',
] = ['json', 'color', 'quiet', 'verbose', 'store', 'secret', 'secretFile', 'config']
