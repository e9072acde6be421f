import type { Limits } from '../account/limits.js'
import type { Model, SiteName } from '../catalogue/model.js'
import type { FaultRuleInput } from '../faults/fault-rule.js'
import type { Settings } from './settings.js'

export type AccountStatus = 'ok' | 'disabled' | 'unverified' | 'expired'

/** Money as decimal strings, in the currency of the site. A missing kind is `"0"`. */
export interface MoneyInput {
  /** Gifted money, spent second; `balance` of `/user/info`. */
  gift?: string
  /** Vouchers, spent first; not visible in `/user/info`. */
  voucher?: string
  /** Recharged money, spent last; it alone pays for `Pro/…` models and batches. May go below zero. */
  charged?: string
}

/** A key. A `revoked` key is answered like an unknown key. */
export interface KeyInput {
  secret: string
  /** @default 'ok' */
  status?: 'ok' | 'revoked'
}

/** An account, which the platform limits and bills. */
export interface AccountInput {
  id: string
  /** @default 'cn' */
  site?: SiteName
  /** @default 'ok' */
  status?: AccountStatus
  /** The level, 0 to 5. The limits of paid models grow with it. @default 0 */
  level?: number
  keys: readonly (string | KeyInput)[]
  money?: MoneyInput
  /** The limits by model id, with `*` for every other model. They replace the limits of the catalogue. */
  limits?: Readonly<Record<string, Limits>>
}

/** The initial state of a simulator, as plain JSON. */
export interface Scenario {
  accounts: readonly AccountInput[]
  /** Models beside the built-in ones. A model with the same id is replaced. */
  models?: readonly Model[]
  /** `replace` leaves the built-in models out. @default 'extend' */
  catalogue?: 'extend' | 'replace'
  settings?: Partial<Settings>
  faults?: readonly FaultRuleInput[]
}
