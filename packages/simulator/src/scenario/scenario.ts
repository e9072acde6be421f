import type { Limits } from '../account/limits.js'
import type { Model, SiteName } from '../catalogue/model.js'
import type { FaultRuleInput } from '../faults/fault-rule.js'
import type { Settings } from './settings.js'

export type AccountStatus = 'ok' | 'disabled' | 'unverified' | 'expired'

/** Money as decimal strings, in the currency of the site. What is absent is `"0"`. */
export interface MoneyInput {
  /** Spent second; `balance` of `/user/info`. */
  gift?: string
  /** Spent first; invisible in `/user/info`. */
  voucher?: string
  /** Spent last, and alone for `Pro/…` models and batches; may go below zero. */
  charged?: string
}

/** A key; `revoked` answers as an unknown key does. */
export interface KeyInput {
  secret: string
  /** @default 'ok' */
  status?: 'ok' | 'revoked'
}

/** An account: what the platform limits and bills. */
export interface AccountInput {
  id: string
  /** @default 'cn' */
  site?: SiteName
  /** @default 'ok' */
  status?: AccountStatus
  /** 0 to 5; limits of paid models grow with it. @default 0 */
  level?: number
  keys: readonly (string | KeyInput)[]
  money?: MoneyInput
  /** Limits by model id, `*` for every other model; they replace those of the catalogue. */
  limits?: Readonly<Record<string, Limits>>
}

/** All a simulator starts from; plain JSON. */
export interface Scenario {
  accounts: readonly AccountInput[]
  /** Models to add to the built-in ones; the same id replaces. */
  models?: readonly Model[]
  /** `replace` leaves the built-in models out. @default 'extend' */
  catalogue?: 'extend' | 'replace'
  settings?: Partial<Settings>
  faults?: readonly FaultRuleInput[]
}
