import type { ModifierFault, OutcomeFault } from './fault.js'

/** The faults of one request. */
export interface FaultPlan {
  readonly outcome: OutcomeFault | undefined
  readonly modifiers: readonly ModifierFault[]
  /** The ids of the applied rules, for the record. */
  readonly ruleIds: readonly string[]
}

export const noFaults: FaultPlan = Object.freeze({ outcome: undefined, modifiers: [], ruleIds: [] })
