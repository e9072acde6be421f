import { keysOf, makeScenario } from '@sfpool/simulator'

/** Five healthy accounts of one key each, with money for everything. */
export const fiveAccounts = makeScenario({ accounts: 5 })

export const keysOfFive: string[] = keysOf(fiveAccounts)
