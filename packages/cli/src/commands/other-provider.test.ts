import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createHome, type Home } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

const price = { input: '1', output: '1' }
const prices = {
  date: '2026-01-01',
  source: 'a test',
  sites: { default: { currency: 'USD', models: { 'a-model': price } } },
}

function configured(settings: object): Home {
  const home = createHome()
  writeFileSync(home.path('sfpool.config.json'), JSON.stringify({ store: 'file:pool.db', ...settings }))
  return home
}

describe('keys of another provider than SiliconFlow', () => {
  it.each([
    ['list'],
    ['explain'],
    ['stats'],
    ['prices'],
    ['balance'],
    ['disable', testKey('one')],
    ['enable', testKey('one')],
    ['update', testKey('one'), '--label', 'a'],
    ['remove', testKey('one'), '--yes'],
  ])('%s accepts the prices of the provider that the configuration names', async (...args) => {
    using home = configured({ provider: 'deepseek', prices })
    expect(await home.run(['add', testKey('one')])).toMatchObject({ code: 0 })
    expect(await home.run(args)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error') })
  })

  it('explain applies the rules of the provider that a flag, a variable or a file names', async () => {
    using home = configured({ minBalance: '5' })
    await home.run(['add', testKey('one'), '--balance', '1'])
    const whyOf = async (args: string[], environment: Record<string, string> = {}) => {
      const model = ['--model', 'Qwen/Qwen3-8B']
      const { stdout } = await home.run(['explain', '--json', ...model, ...args], { environment })
      return (JSON.parse(stdout) as { keys: { why: string }[] }).keys[0]?.why
    }
    expect(await whyOf([])).toBe('serves next')
    const elsewhere = await whyOf(['--provider', 'deepseek'])
    expect(elsewhere).not.toBe('serves next')
    expect(await whyOf([], { SFPOOL_BASE_URL: 'https://api.deepseek.com' })).toBe(elsewhere)
    writeFileSync(
      home.path('sfpool.config.json'),
      '{"store": "file:pool.db", "minBalance": "5", "provider": "deepseek"}',
    )
    expect(await whyOf([])).toBe(elsewhere)
  })

  it.each([
    [['--provider', 'openai'], '--provider'],
    [['--base-url', 'http://a.example'], '--base-url'],
  ])('explain says that sites are not used with %j', async (flags, name) => {
    using home = configured({ sites: { cn: 'http://b.example' } })
    await home.run(['add', testKey('one')])
    expect((await home.run(['explain', ...flags])).stderr).toMatch(
      new RegExp(`^sites \\(from .*config\\.json at sites\\) is not used, because of ${name}$`, 'm'),
    )
    expect((await home.run(['explain'])).stderr).not.toContain('not used')
  })
})

it('explain shows ids in its table, which are what other commands take', async () => {
  using home = configured({})
  await home.run(['add', testKey('one')])
  const { id } = (JSON.parse((await home.run(['list', '--json'])).stdout) as { items: { id: string }[] })
    .items[0] ?? {
    id: '',
  }
  expect(id).toMatch(/^key_/)
  expect((await home.run(['explain'])).stdout).toContain(id)
})
