import { writeFileSync } from 'node:fs'
import { makeScenario } from '@sfpool/simulator'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

beforeAll(ensureBuilt)

describe('simulate', () => {
  it('simulate prints addresses and sample keys that work together', async () => {
    using home = createHome()
    await using running = home.start(['simulate', '--port', '0'])
    const [, baseURL = ''] = await running.seen(/^cn +(http:\S+\/v1)$/m)
    const [, key = ''] = await running.seen(/^ {2}(sk-\w+) +cn +healthy$/m)
    const [, control = ''] = await running.seen(/^control +(\S+)$/m)
    const models = await fetch(`${baseURL}/models`, { headers: { authorization: `Bearer ${key}` } })
    expect(models.status).toBe(200)
    expect((await fetch(`${control}state`)).status).toBe(200)
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(0)
  })

  it('simulate --json prints one line of JSON', async () => {
    using home = createHome()
    await using running = home.start(['simulate', '--port', '0', '--json'])
    await running.seen(/\n/)
    expect(JSON.parse(running.stdout())).toMatchObject({
      event: 'listening',
      sites: { cn: { baseURL: expect.stringMatching(/\/v1$/) }, com: { port: expect.any(Number) } },
      control: expect.stringMatching(/\/_sim\/$/),
      keys: expect.arrayContaining([
        { key: expect.stringMatching(/^sk-/), account: 'overseas', site: 'com' },
      ]),
    })
  })

  it('simulate runs the scenario of a file and masks its keys', async () => {
    using home = createHome()
    const key = testKey('scenario')
    writeFileSync(home.path('scenario.json'), JSON.stringify({ accounts: [{ id: 'mine', keys: [key] }] }))
    await using running = home.start(['simulate', '--port', '0', '--scenario', 'scenario.json'])
    await running.seen(/sk-sc…ario {2}cn {2}mine/)
    expect(running.stdout()).not.toContain(key)
  })

  it.each([
    ['is not JSON', '{', 'the file is not JSON'],
    ['breaks a rule', JSON.stringify({ accounts: 3 }), 'scenario.accounts'],
  ])('simulate exits with 2 for a scenario file that %s', async (_, content, message) => {
    using home = createHome()
    writeFileSync(home.path('scenario.json'), content)
    const { code, stderr } = await home.run(['simulate', '--port', '0', '--scenario', 'scenario.json'])
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it('simulate with a port in use exits with 2 and one line', async () => {
    using home = createHome()
    await using first = home.start(['simulate', '--port', '0', '--json'])
    await first.seen(/\n/)
    const { port } = JSON.parse(first.stdout()).sites.cn
    expect(await home.run(['simulate', '--port', String(port)])).toMatchObject({
      code: 2,
      stderr: `error: port ${port} or ${port + 1} is in use; choose another with --port\n`,
    })
  })

  it('simulate with a scenario of one account is enough to serve a pool', async () => {
    using home = createHome()
    writeFileSync(home.path('scenario.json'), JSON.stringify(makeScenario()))
    await using running = home.start(['simulate', '--port', '0', '--scenario', 'scenario.json', '--reveal'])
    const [, baseURL = ''] = await running.seen(/^cn +(http:\S+\/v1)$/m)
    const [, key = ''] = await running.seen(/^ {2}(sk-\w+) +cn/m)
    expect((await home.run(['check', '-', '--base-url', baseURL], { input: key })).code).toBe(0)
  })
})
