import { writeFileSync } from 'node:fs'
import { fakeKey, keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { beforeAll, expect, it } from 'vitest'
import { commandSpecs } from '../command-specs.js'
import { ensureBuilt } from '../testing/built.js'
import { createHome } from '../testing/run-cli.js'
import { jsonExamples } from './json-examples.js'
import { shapeDifference } from './shape-difference.js'

beforeAll(ensureBuilt)

it('every command has an example of what it prints with --json', () => {
  const shown = new Set(jsonExamples.map(({ line }) => line.split(' ')[0]))
  expect(commandSpecs.map(({ usage }) => usage.split(' ')[0]).filter((name) => !shown.has(name))).toEqual([])
})

it('every command prints with --json what the reference shows', async () => {
  using home = createHome()
  const scenario = makeScenario({ accounts: 1 })
  const upstream = await startSimulator({ scenario })
  const [secret = fakeKey('none')] = keysOf(scenario)
  writeFileSync(home.path('keys.txt'), secret)
  const environment = { SFPOOL_BASE_URL: upstream.sites.cn.baseURL }
  for (const { line, output, maps } of jsonExamples) {
    const words = line.split(' ').map((word) => (word === 'sk-…' ? secret : word))
    const real = /^(?:serve|simulate)$/.test(line)
      ? await firstLine(words[0] ?? '')
      : JSON.parse(await printed(words))
    expect([line, shapeDifference(output, real, maps)]).toEqual([line, null])
  }
  await upstream.close()

  /** In processes of their own: a store in use is not restored. */
  async function printed(words: readonly string[]): Promise<string> {
    const { stdout, stderr } = await home.runBuilt([...words, '--json'], { environment })
    return stdout === '' ? JSON.stringify(stderr) : stdout
  }

  async function firstLine(command: string): Promise<unknown> {
    await using running = home.start([command, '--json', '--port', '0'], { environment })
    const [found] = await running.seen(/^\{.*\}$/m)
    return JSON.parse(found)
  }
})

it.each([
  [{ a: 1 }, { a: 1 }, null],
  [{ a: 1 }, { a: 'x' }, 'a: number in the example, string in truth'],
  [{ a: 1 }, { a: 1, b: 2 }, ': b is in truth only'],
  [{ a: [{ b: 1 }] }, { a: [{}] }, 'a: b is in the example only'],
  [{ a: null }, { a: { b: 1 } }, null],
  [{ a: [] }, { a: {} }, 'a: list in the example, object in truth'],
])('the shapes of %j and %j differ in %j', (example, real, difference) => {
  expect(shapeDifference(example, real)).toBe(difference)
})
