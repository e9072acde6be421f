import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scratchDirectory } from './scratch.mjs'

test('a scratch directory is new, and remove deletes it with its content', () => {
  const one = scratchDirectory('test')
  const other = scratchDirectory('test')
  expect(one.path).not.toBe(other.path)
  writeFileSync(join(one.path, 'file'), 'x')
  one.remove()
  other.remove()
  expect(existsSync(one.path) || existsSync(other.path)).toBe(false)
})

test('a scratch directory is deleted when the process ends', () => {
  const module = new URL('./scratch.mjs', import.meta.url).href
  const program = `import { scratchDirectory } from '${module}'; console.log(scratchDirectory('test').path)`
  const args = ['--input-type=module', '-e', program]
  const path = execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()
  expect(path).toContain('sfpool-bench-test-')
  expect(existsSync(path)).toBe(false)
})
