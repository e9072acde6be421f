/** The exit code of the process. Scripts branch on it. */
export type ExitCode = 0 | 1 | 2 | 3 | 130

export const exitCodes: {
  /** The command did what was requested. */
  readonly ok: 0
  /** The command ran and found a shortfall: a bad key, a rejected line. */
  readonly shortfall: 1
  /** The usage or the configuration is wrong, and nothing was done. */
  readonly usage: 2
  /** The command could not find out, because the network or the upstream failed, not the keys. */
  readonly unverified: 3
  /** The user stopped the command. The results so far are printed. */
  readonly interrupted: 130
} = { ok: 0, shortfall: 1, usage: 2, unverified: 3, interrupted: 130 }
