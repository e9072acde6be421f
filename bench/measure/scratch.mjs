// @ts-check
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @type {Set<string>} */
const left = new Set()
process.once('exit', () => {
  for (const path of left) rmSync(path, { recursive: true, force: true })
})

/**
 * Creates an empty directory for one run. It is removed at exit at the latest.
 * @param {string} name
 */
export function scratchDirectory(name) {
  const path = mkdtempSync(join(tmpdir(), `sfpool-bench-${name}-`))
  left.add(path)
  const remove = () => {
    left.delete(path)
    rmSync(path, { recursive: true, force: true })
  }
  return { path, remove }
}
