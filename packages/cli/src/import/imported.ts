/** The systems whose files can be read. */
export const importSources = [
  'auto',
  'keys',
  'flowsilicon',
  'siliconflow-proxy',
  'siliconflow-lb',
  'kv',
  'd1',
  'gpt-load',
  'one-api',
] as const
export type ImportSource = (typeof importSources)[number]

/** A key of another system, with what is known of it there. */
export interface ImportedKey {
  readonly secret: string
  /** Its line or row, from 1. */
  readonly line: number
  readonly label?: string
  readonly account?: string
  readonly weight?: number
  /** False for a key that a person switched off there. */
  readonly enabled?: boolean
  /** The last balance, and when it was asked for, in milliseconds since the Unix epoch. */
  readonly balance?: { readonly amount: string; readonly at: number | null }
  readonly requests?: number
  readonly successes?: number
  readonly lastUsedAt?: number
  /** Why the upstream refused the key for good. */
  readonly invalid?: string
}

/** A line or row that was not taken, and why. */
export interface RejectedEntry {
  readonly line: number
  readonly reason: string
}

/** A setting of another system that has no place here, and what to do about it. Never with a secret. */
export interface SkippedSetting {
  readonly name: string
  readonly reason: string
}

/** What a file of another system holds. */
export interface Imported {
  readonly source: Exclude<ImportSource, 'auto'>
  readonly keys: readonly ImportedKey[]
  readonly rejected: readonly RejectedEntry[]
  readonly skipped: readonly SkippedSetting[]
}
