import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The names of all files in a folder that hold `text` somewhere: databases, logs, whatever lies there. */
export function filesWith(folder: string, text: string): string[] {
  const names = readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile())
  return names.filter((name) => readFileSync(join(folder, name)).includes(text))
}

/** Content and rights of all files in a folder, by name, without SQLite's companions, which come and go. */
export function stateOf(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => !/-(?:wal|shm)$/.test(name))
  return Object.fromEntries(names.map((name) => [name, fileState(join(folder, name))]))
}

function fileState(path: string): string {
  if (statSync(path).isDirectory()) return 'a folder'
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
  return `${digest} ${(statSync(path).mode & 0o777).toString(8)}`
}
