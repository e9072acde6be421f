import { statSync } from 'node:fs'

/** Which file is at a path, by device and number: `missing` for none, undefined when that cannot be found out now. */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev} ${ino}`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : undefined
  }
}
