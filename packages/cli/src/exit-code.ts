/** What the process ends with. Scripts branch on these. */
export type ExitCode = 0 | 1 | 2 | 3 | 130

export const exitCodes: {
  /** Done as asked. */
  readonly ok: 0
  /** The command ran, and what it looked at fell short: a bad key, a refused line. */
  readonly shortfall: 1
  /** Wrong usage or configuration: nothing was done. */
  readonly usage: 2
  /** Could not find out: the network or the upstream failed, not the keys. */
  readonly unverified: 3
  /** Stopped by the user; what was done by then is printed. */
  readonly interrupted: 130
} = { ok: 0, shortfall: 1, usage: 2, unverified: 3, interrupted: 130 }
