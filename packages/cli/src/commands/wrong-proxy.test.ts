import { existsSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createHome } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

const environment = { HTTPS_PROXY: 'socks4://127.0.0.1:1', ALL_PROXY: 'socks4://127.0.0.1:1' }
const store = ['--store', 'file:pool.db']

describe('a proxy that cannot be used', () => {
  it('a wrong proxy in the environment does not stop commands that send nothing', async () => {
    using home = createHome()
    const added = await home.run(['add', testKey('one'), ...store], { environment })
    expect([added.code, added.stderr]).toEqual([0, expect.not.stringContaining('PROXY')])
    for (const args of [
      ['balance', '--set', '5', testKey('one')],
      ['balance'],
      ['list'],
      ['explain'],
      ['stats'],
    ])
      expect([args, (await home.run([...args, ...store], { environment })).code]).toEqual([args, 0])
  })

  it.each([
    [['add', testKey('one'), '--check'], environment, 'HTTPS_PROXY must be'],
    [['add', testKey('one'), '--check', '--proxy', 'socks4://a'], {}, '--proxy must be'],
    [['add', testKey('one'), '--provider', 'generic'], {}, '--base-url is needed'],
    [['serve', '--port', '0'], environment, 'HTTPS_PROXY must be'],
    [['serve', '--port', '0', '--proxy', 'ftp://a'], {}, '--proxy must be'],
    [['serve', '--port', '0', '--provider', 'generic'], {}, '--base-url is needed'],
    [['serve', '--port', '0', '--strategy', 'best'], {}, 'strategy must be one of'],
  ] as const)('%j with a wrong setting makes no store', async (args, given, message) => {
    using home = createHome()
    const { code, stderr } = await home.run([...args, ...store], { environment: given })
    expect([code, stderr]).toEqual([2, expect.stringContaining(`error: ${message}`)])
    expect(stderr).not.toContain('made a new one')
    expect(existsSync(home.path('pool.db'))).toBe(false)
  })

  it('balance --refresh names the variable of a wrong proxy', async () => {
    using home = createHome()
    await home.run(['add', testKey('one'), ...store])
    const { code, stderr } = await home.run(['balance', '--refresh', ...store], { environment })
    expect([code, stderr]).toEqual([2, expect.stringContaining('HTTPS_PROXY must be')])
  })
})

describe('the names of settings in messages', () => {
  it('a wrong proxy of a configuration file is refused by the name it has there', async () => {
    using home = createHome()
    writeFileSync(home.path('sfpool.config.json'), '{"proxy": "ftp://user:canary@a"}')
    const { code, stderr } = await home.run(['check', '--store', 'memory:'], {})
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/--proxy must be an http, https or socks5 URL.*config\.json at proxy\)/),
    ])
    expect(stderr).not.toMatch(/canary|proxy\.https/)
  })
})
