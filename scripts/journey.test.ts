import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('./journey.mjs', import.meta.url))

test('the journey of a stream begins in the adapter and passes gateway and core', { timeout: 90_000 }, () => {
  const journey = JSON.parse(
    execFileSync(process.execPath, [script, '--stream', '--json'], { encoding: 'utf8' }),
  )
  const packages = journey.steps.map(({ file }: { file: string }) => file.split('/')[0])
  expect(packages[0]).toBe('server-adapters')
  expect([...new Set(packages)].sort()).toEqual(['core', 'gateway', 'server-adapters'])
  expect(journey.rooms).toBeGreaterThan(10)
  expect(journey.returns).toBe(journey.moves - (journey.rooms - 1))
})
