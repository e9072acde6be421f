import { stat } from 'node:fs/promises'

/** Whether two paths lead to the same file, also through links. A missing file is the same as no other file. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  if (one === other) return true
  try {
    const [first, second] = await Promise.all([stat(one, { bigint: true }), stat(other, { bigint: true })])
    return first.ino === second.ino && first.dev === second.dev
  } catch {
    return false
  }
}
