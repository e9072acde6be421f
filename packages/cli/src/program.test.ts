import { mkdirSync, writeFileSync } from 'node:fs'
import { strategyNames } from '@sfpool/core'
import { fakeKey } from '@sfpool/simulator'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from './testing/built.js'
import { createHome } from './testing/run-cli.js'

beforeAll(ensureBuilt)

describe('the command line', () => {
  it('sfpool --version prints the version', async () => {
    using home = createHome()
    expect(await home.runBuilt(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    })
  })

  it('sfpool prints help on request, and on standard error without a command', async () => {
    using home = createHome()
    const asked = await home.runBuilt(['--help'])
    expect([asked.code, asked.stderr]).toEqual([0, ''])
    for (const name of [
      'add',
      'list',
      'remove',
      'enable',
      'disable',
      'check',
      'balance',
      'serve',
      'explain',
      'stats',
      'simulate',
    ]) {
      expect(asked.stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
    }
    const bare = await home.runBuilt([])
    expect([bare.code, bare.stdout]).toEqual([2, ''])
    expect(bare.stderr).toContain('Usage: sfpool')
  })

  it.each([[['serve', '--help']], [['help', 'explain']]])('sfpool %j lists every strategy', async (args) => {
    using home = createHome()
    const { stdout } = await home.runBuilt(args)
    for (const name of strategyNames) expect(stdout).toMatch(new RegExp(`[ ,]${name}(,|$)`, 'm'))
    expect(stdout).toMatch(/sfpool\.config.*\n.*SFPOOL_LIMITS:\n {2}rules, mode, selected, limits/)
  })

  it.each([
    ['an unknown command', ['frobnicate']],
    ['an unknown flag', ['list', '--frobnicate']],
    ['a setting that has no flag', ['serve', '--limits', '{}']],
    ['a flag without its value', ['serve', '--port']],
    ['too many arguments', ['list', 'one', 'two']],
  ])('sfpool exits with 2 for %s', async (_, args) => {
    using home = createHome()
    const { code, stdout, stderr } = await home.runBuilt(args)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^error: /)
    expect(stderr).toMatch(
      new RegExp(`^See the (commands and )?options with: sfpool (${args[0]} )?--help$`, 'm'),
    )
  })

  it.each([
    [['chekc'], 'check'],
    [['list', '--accuont', 'a'], '--account'],
    [['serve', '--prot', '1'], '--port'],
  ])('sfpool %j exits with 2 and says what was meant', async (args, meant) => {
    using home = createHome()
    const { code, stderr } = await home.run(args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(`(Did you mean ${meant}?)`)])
  })

  it('the help fits into 80 columns, and ends with first steps', async () => {
    using home = createHome()
    const { stdout } = await home.run(['--help'])
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(stdout).toMatch(/^First steps:\n {2}sfpool serve --demo/m)
  })

  it('sfpool does not repeat a key that was typed in the wrong place', async () => {
    using home = createHome()
    const key = fakeKey('misplaced')
    for (const args of [[key], ['list', `--${key}`], ['serve', '--port', key], ['list', '--status', key]]) {
      const { code, stdout, stderr } = await home.runBuilt(args)
      expect(code).toBe(2)
      expect(stdout + stderr).not.toContain(key)
    }
  })

  it('sfpool accepts the common flags before and after the command', async () => {
    using home = createHome()
    const empty = '{"total":0,"items":[]}\n'
    expect((await home.runBuilt(['--json', 'list'])).stdout).toBe(empty)
    expect((await home.runBuilt(['list', '--json'])).stdout).toBe(empty)
    expect((await home.runBuilt(['list'], { environment: { SFPOOL_JSON: 'true' } })).stdout).toBe(empty)
  })

  it('sfpool --quiet prints only errors', async () => {
    using home = createHome()
    expect(await home.runBuilt(['list', '--quiet'])).toMatchObject({ stdout: '', stderr: '' })
    expect((await home.runBuilt(['disable', '--quiet'])).stderr).toMatch(/^error: /)
  })
})

describe('the built program', () => {
  it('every command of the built program loads its code and ends by itself', async () => {
    using home = createHome()
    const secret = fakeKey('built')
    const store = ['--store', 'keys.db']
    const runs: [string[], number][] = [
      [['add', secret, '--balance', '1', ...store], 0],
      [['list', ...store], 0],
      [['disable', secret, ...store], 0],
      [['enable', secret, ...store], 0],
      [['explain', ...store], 0],
      [['balance', ...store], 0],
      [['stats', ...store], 0],
      [['prices', '--json'], 0],
      [['check', '--base-url', 'http://127.0.0.1:1', '--retries', '0', ...store], 3],
      [['remove', secret, '--yes', ...store], 0],
    ]
    for (const [args, expected] of runs) {
      const { code, stderr } = await home.runBuilt(args)
      expect([args[0], code, code === expected ? '' : stderr]).toEqual([args[0], expected, ''])
    }
  })
})

describe('settings file', () => {
  it.each([
    ['sfpool.config.json', '{"json":true}'],
    ['sfpool.config.yaml', 'json: true\n'],
  ])('the settings file %s is read from the working directory', async (name, content) => {
    using home = createHome()
    writeFileSync(home.path(name), content)
    expect((await home.runBuilt(['list'])).stdout).toBe('{"total":0,"items":[]}\n')
  })

  it("the user's settings file is read with lower priority than the one of the directory", async () => {
    using home = createHome()
    mkdirSync(home.path('.config/sfpool'), { recursive: true })
    writeFileSync(home.path('.config/sfpool/config.json'), '{"json":true}')
    expect((await home.runBuilt(['list'])).stdout).toBe('{"total":0,"items":[]}\n')
    writeFileSync(home.path('sfpool.config.json'), '{"json":false}')
    expect((await home.runBuilt(['list'])).stdout).toBe('')
  })

  it('with --config, the settings file of the working directory is not read', async () => {
    using home = createHome()
    writeFileSync(home.path('sfpool.config.json'), '{"port":"broken"}')
    writeFileSync(home.path('other.yaml'), 'json: true\n')
    expect((await home.runBuilt(['list', '--config', 'other.yaml'])).stdout).toBe('{"total":0,"items":[]}\n')
    expect(await home.runBuilt(['list', '--config', 'missing.yaml'])).toMatchObject({ code: 2, stdout: '' })
  })

  it('a wrong settings file is refused with file, place, rule and value', async () => {
    using home = createHome()
    writeFileSync(home.path('sfpool.config.yaml'), 'port: many\n')
    const { code, stderr } = await home.runBuilt(['serve'])
    expect(code).toBe(2)
    expect(stderr).toBe(
      `error: --port must be a whole number from 0 to 65535; received "many" (from ${home.path('sfpool.config.yaml')} at port)\n`,
    )
  })

  it('an unreadable settings file is refused with line and column, without its content', async () => {
    using home = createHome()
    writeFileSync(home.path('sfpool.config.json'), '{\n  "clientKey": "hush-hush" "x"\n}')
    const { code, stderr } = await home.runBuilt(['list'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/cannot read .*sfpool\.config\.json: .*line 2, column \d+/)
    expect(stderr).not.toContain('hush')
  })
})

describe('the store', () => {
  it('the store is the one named by --store', async () => {
    using home = createHome()
    await home.runBuilt(['add', fakeKey('elsewhere'), '--store', 'file:other.db'])
    expect(JSON.parse((await home.runBuilt(['list', '--json'])).stdout).total).toBe(0)
    expect(JSON.parse((await home.runBuilt(['list', '--json', '--store', 'other.db'])).stdout).total).toBe(1)
  })

  it('a store that cannot be opened makes the command exit with 2 and a message', async () => {
    using home = createHome()
    writeFileSync(home.path('no.db'), 'this is no database, and long enough to look like one '.repeat(50))
    const { code, stderr } = await home.runBuilt(['list', '--store', 'file:no.db'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*no\.db/)
  })
})
