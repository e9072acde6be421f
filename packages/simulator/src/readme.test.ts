import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Fault } from './faults/fault.js'
import { parseFaultRule, parseScenario, parseSettings } from './scenario/parse.js'
import { defaultSettings } from './scenario/settings.js'
import { ask } from './testing/ask.js'
import { running } from './testing/running.js'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the scenario in the README is valid', () => {
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(readme) ?? []
  expect(parseScenario(JSON.parse(json)).accounts).toHaveLength(1)
})

test('the README lists exactly the existing control routes', async () => {
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
  expect(new Set(shown)).toEqual(new Set(routes))
})

test('the requests shown in the README are accepted', async () => {
  const { sim } = await running()
  sim.accounts.add({ id: 'healthy', keys: [] })
  for (const [, path = '', body] of readme.matchAll(/^curl .*\$SIM\/_sim\/(\S+) -d '(.*?)'/gm)) {
    const method = path.includes('/') || path === 'settings' ? 'PATCH' : 'POST'
    const { status, text } = await ask(`${sim.sites.cn.origin}/_sim/${path}`, { method, body })
    expect(text).not.toContain('"rule"')
    expect(status).toBeLessThan(300)
  }
})

test('the faults in the README are valid and include every kind', () => {
  const shown = [...readme.matchAll(/\| `(\{"kind".*?\})`/g)].map(([, json = '']) => JSON.parse(json))
  expect(shown.length).toBeGreaterThan(10)
  for (const fault of shown) expect(parseFaultRule({ fault })).toEqual({ fault })
  const kinds = [...readme.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(([, kind]) => kind)
  const expected: Record<Fault['kind'], true> = {
    ...{ error: true, answer: true, reset: true, close: true, hang: true, truncate: true, refuse: true },
    ...{ 'error-event': true, 'empty-reply': true, 'failed-video': true },
    ...{ delay: true, chunks: true, compress: true, headers: true },
  }
  expect(new Set(kinds)).toEqual(new Set(Object.keys(expected)))
})

test('the README names every setting', () => {
  for (const name of Object.keys(defaultSettings)) expect(readme).toContain(`\`${name}\``)
})

test('the default settings are valid', () => {
  expect(parseSettings(defaultSettings)).toEqual(defaultSettings)
})
