import type { SiteName } from '../catalogue/model.js'
import type { Fault } from './fault.js'

/** Selects the requests of a fault. A missing field matches every request. */
export interface FaultSelector {
  /** The presented secret, known or not. */
  key?: string
  /** The id of an account. */
  account?: string
  /** The requested model. */
  model?: string
  site?: SiteName
  /** The path, with or without `/v1/`. A `*` at the end matches any continuation. */
  path?: string
  method?: string
}

/** A fault and its conditions. */
export interface FaultRuleInput {
  when?: FaultSelector
  fault: Fault
  /** How many times the fault is applied. Default: always. */
  times?: number
  /** How many matching requests pass without the fault first. @default 0 */
  skip?: number
  /** The chance that the fault is applied to a matching request. @default 1 */
  probability?: number
}

/** An active rule and its counts. */
export interface FaultRule extends FaultRuleInput {
  readonly id: string
  /** The number of matching requests, whether the fault was applied or not. */
  matchedCount: number
  appliedCount: number
}

/** The facts of a request that select its faults. */
export interface FaultTarget {
  readonly key?: string
  readonly account?: string
  readonly model?: string
  readonly site: SiteName
  readonly path: string
  readonly method: string
}
