import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseScenario, parseSettings } from './scenario/parse.js'
import { defaultSettings } from './scenario/settings.js'
import { ask } from './testing/ask.js'
import { running } from './testing/running.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the scenario of the README is a good one', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? []
  expect(parseScenario(JSON.parse(json)).accounts).toHaveLength(1)
})

test('the control routes of the README exist, and none is left out', async () => {
  const { sim } = await running()
  const { json } = await ask(`${sim.sites.cn.origin}/_sim/state`)
  const { routes } = json as { routes: string[] }
  const shown = readme
    .split('\n')
    .filter((line) => line.startsWith('curl'))
    .map((line) => {
      const method = / -X (\w+)/.exec(line)?.[1] ?? (line.includes(' -d ') ? 'POST' : 'GET')
      return `${method} /_sim/${/_sim\/(\w+)/.exec(line)?.[1]}`
    })
  expect(new Set([...shown, 'POST /_sim/models'])).toEqual(new Set(routes))
})

test('the default settings are good settings', () => {
  expect(parseSettings(defaultSettings)).toEqual(defaultSettings)
})
