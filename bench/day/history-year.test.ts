import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { scratchDirectory } from '../measure/scratch.mjs'
import { historyYear } from './history-year.mjs'

it('days of traffic leave minutes, hours and days in the store, and every query is timed', async () => {
  const directory = scratchDirectory('history-year')
  onTestFinished(() => directory.remove())
  const plan = { days: 3, everyMinutes: 180, burst: 4, keys: 3, models: 4, clients: 2, seed: 1 }
  const found = await historyYear({ ...plan, path: join(directory.path, 'keys.db') })
  expect(found.requests).toBe(96)
  expect(found.spans.map(({ span }) => span)).toEqual(['minutes', 'hours', 'days'])
  for (const { rows, bytes } of found.spans) {
    expect(rows).toBeGreaterThan(0)
    expect(bytes).toBeGreaterThan(0)
  }
  expect(Object.keys(found.queries)).toContain('30d by key in steps of 3600 s')
})
