import { stat } from 'node:fs/promises'

/** Whether two paths lead to one file, by whatever links. A file that is not there is no other's. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  if (one === other) return true
  try {
    const [first, second] = await Promise.all([stat(one, { bigint: true }), stat(other, { bigint: true })])
    return first.ino === second.ino && first.dev === second.dev
  } catch {
    return false
  }
}
