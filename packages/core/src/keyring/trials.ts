import type { Grant } from '../selection/grant.js'

/** Which half-open trials an attempt was: of its account, of its key, of neither. */
export interface Trials {
  readonly ofAccount: boolean
  readonly ofKey: boolean
}

/** Takes from key and account the trials that an attempt was: another attempt may be the next. */
export function endTrials(grant: Grant): Trials {
  const { key, account } = grant
  const trials = { ofAccount: account.trial === grant, ofKey: key.trial === grant }
  if (trials.ofAccount) account.trial = null
  if (trials.ofKey) key.trial = null
  return trials
}
