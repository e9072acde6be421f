import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Creates a folder with the keys in a file, one per line. */
export function openKeyFolder(keys: readonly string[]): { path: string; keysFile: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sfpool-conformance-'))
  const keysFile = join(path, 'keys.txt')
  writeKeys(keysFile, keys)
  return { path, keysFile, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export function writeKeys(keysFile: string, keys: readonly string[]): void {
  writeFileSync(keysFile, `${keys.join('\n')}\n`, { mode: 0o600 })
}
