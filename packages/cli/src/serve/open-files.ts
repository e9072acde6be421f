import { readdirSync, readFileSync } from 'node:fs'

/** File descriptors: how many this process may have, and how many it has. */
export interface OpenFiles {
  readonly limit: number
  readonly used: number
}

/** Counts descriptors; undefined where the system does not say, which is everywhere but on Linux. */
export function openFiles(): OpenFiles | undefined {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8')
    const [, limit] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
    if (limit === undefined) return undefined
    return { limit: Number(limit), used: readdirSync('/proc/self/fd').length }
  } catch {
    return undefined
  }
}
