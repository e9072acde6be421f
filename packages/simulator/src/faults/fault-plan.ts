import type { ModifierFault, OutcomeFault } from './fault.js'

/** What shall happen to one request. */
export interface FaultPlan {
  readonly outcome: OutcomeFault | undefined
  readonly modifiers: readonly ModifierFault[]
  /** The rules that were applied, for the record. */
  readonly ruleIds: readonly string[]
}

export const noFaults: FaultPlan = Object.freeze({ outcome: undefined, modifiers: [], ruleIds: [] })
