import type { SiteName } from '../catalogue/model.js'
import type { Fault } from './fault.js'

/** Which requests a fault is for; what is absent matches everything. */
export interface FaultSelector {
  /** The secret that was presented, known or not. */
  key?: string
  /** The id of an account. */
  account?: string
  /** The model that was asked for. */
  model?: string
  site?: SiteName
  /** With or without `/v1/`; a `*` at the end matches any rest. */
  path?: string
  method?: string
}

/** A fault and when it applies. */
export interface FaultRuleInput {
  when?: FaultSelector
  fault: Fault
  /** How often it is applied. Default: for ever. */
  times?: number
  /** How many matching requests are let through first. @default 0 */
  skip?: number
  /** The chance that it is applied to a matching request. @default 1 */
  probability?: number
}

/** A rule in force, and how often it was applied. */
export interface FaultRule extends FaultRuleInput {
  readonly id: string
  /** Matching requests seen, applied or not. */
  matchedCount: number
  appliedCount: number
}

/** What is known of a request when faults are chosen. */
export interface FaultTarget {
  readonly key?: string
  readonly account?: string
  readonly model?: string
  readonly site: SiteName
  readonly path: string
  readonly method: string
}
