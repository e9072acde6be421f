import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createHome, type Home } from '../testing/run-cli.js'

const folder = '.config/sfpool'
const file = `${folder}/config.json`
const secret = 'hush-hush-secret-of-the-test'

const contentOf = (home: Home): unknown => JSON.parse(readFileSync(home.path(file), 'utf8'))
function writeUserFile(home: Home, text: string): void {
  mkdirSync(home.path(folder), { recursive: true })
  writeFileSync(home.path(file), text)
}

describe('config set', () => {
  it('config set writes a setting that the other commands follow', async () => {
    using home = createHome()
    expect(await home.run(['config', 'set', 'json', 'true'])).toMatchObject({
      code: 0,
      stdout: 'json = true\n',
    })
    expect((await home.run(['list'])).stdout).toBe('{"total":0,"items":[]}\n')
    await home.run(['config', 'unset', 'json'])
    expect((await home.run(['list'])).stdout).toBe('')
  })

  it.each([
    ['port', ['8080'], 8080],
    ['timeout-idle', ['1m30s'], '1m30s'],
    ['maxBody', ['16mb'], '16mb'],
    ['trace', ['yes'], true],
    ['failOn', ['invalid,unknown'], ['invalid', 'unknown']],
    ['clientKey', ['one-key', 'another'], ['one-key', 'another']],
    ['limits', ['{"learn":false}'], { learn: false }],
    ['interval', ['1s-2s'], '1000-2000'],
    ['balance', ['12.50'], '12.50'],
    ['weight', ['1.5'], 1.5],
  ])('config set %s writes %j as %j', async (name, words, value) => {
    using home = createHome()
    const { code, stderr } = await home.run(['config', 'set', name, ...words, '--json'])
    expect([code, stderr.includes('error')]).toEqual([0, false])
    expect(Object.values(contentOf(home) as object)).toEqual([value])
  })

  it('config set writes paths and stores that hold in every directory', async () => {
    using home = createHome()
    await home.run(['config', 'set', 'keys', 'keys.txt'])
    await home.run(['config', 'set', 'store', 'pool.db'])
    expect(contentOf(home)).toEqual({ keys: home.path('keys.txt'), store: `file:${home.path('pool.db')}` })
  })

  it('config set changes a part of a structure, and config unset takes it out', async () => {
    using home = createHome()
    await home.run(['config', 'set', 'queue.maxWaitMs', '10s'])
    await home.run(['config', 'set', 'catalogue.Qwen/Qwen2\\.5.free', 'true'])
    expect(contentOf(home)).toEqual({
      queue: { maxWaitMs: '10s' },
      catalogue: { 'Qwen/Qwen2.5': { free: true } },
    })
    expect((await home.run(['config', 'get', 'queue.maxWaitMs'])).stdout).toBe('10000\n')
    await home.run(['config', 'unset', 'queue.maxWaitMs'])
    expect(Object.keys(contentOf(home) as object)).toEqual(['catalogue'])
  })

  it.each([
    [['port', '99999'], '--port must be a whole number from 0 to 65535; received "99999"'],
    [['timeoutIdle', 'soon'], /--timeout-idle must be a duration such as .* received "soon"/],
    [['maxBody', '1.5mb'], /--max-body must be a size such as .* received "1.5mb"/],
    [['queue.maxWaitMs', 'ten'], 'queue.maxWaitMs must be a number of milliseconds; received "ten"'],
    [['strategy', 'roundrobin'], /strategy must be .*received "roundrobin"/],
    [['timeoutIdel', '5m'], /no setting has the name timeoutIdel\nDid you mean timeoutIdle\?/],
    [['frobnicate', '1'], /no setting has the name frobnicate\nAll names: sfpool config list --all/],
    [['yes', 'true'], '--yes can be given on the command line only'],
    [['port.x', '1'], 'port has no parts, so port.x names nothing'],
    [['port'], 'the value is missing: sfpool config set port <value>'],
    [['port', '1', '2'], '--port must be a whole number'],
  ])('config set %j is refused, and nothing is written', async (words, message) => {
    using home = createHome()
    writeUserFile(home, '{"port":4000}')
    const { code, stdout, stderr } = await home.run(['config', 'set', ...words])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
    expect(readFileSync(home.path(file), 'utf8')).toBe('{"port":4000}')
  })

  it('config set keeps what it does not know, such as settings of a later version', async () => {
    using home = createHome()
    writeUserFile(home, '{"port":1,"warpDrive":{"level":9},"host":"::1"}')
    expect((await home.run(['config', 'set', 'port', '2'])).code).toBe(0)
    expect(contentOf(home)).toEqual({ port: 2, warpDrive: { level: 9 }, host: '::1' })
    expect((await home.run(['config', 'unset', 'warpDrive'])).stdout).toBe('warpDrive is no longer set\n')
    expect(contentOf(home)).toEqual({ port: 2, host: '::1' })
  })

  it('config set writes a file for its user alone, in one step, through a link', async () => {
    using home = createHome()
    mkdirSync(home.path('dotfiles'))
    mkdirSync(home.path(folder), { recursive: true })
    writeFileSync(home.path('dotfiles/config.json'), '{}')
    chmodSync(home.path('dotfiles/config.json'), 0o644)
    symlinkSync(home.path('dotfiles/config.json'), home.path(file))
    await home.run(['config', 'set', 'port', '8080'])
    expect(JSON.parse(readFileSync(home.path('dotfiles/config.json'), 'utf8'))).toEqual({ port: 8080 })
    if (process.platform !== 'win32') expect(statSync(home.path(file)).mode & 0o777).toBe(0o600)
    expect([readdirSync(home.path(folder)), readdirSync(home.path('dotfiles'))]).toEqual([
      ['config.json'],
      ['config.json'],
    ])
  })

  it('config set says when a variable goes before the file', async () => {
    using home = createHome()
    const environment = { SFPOOL_PORT: '1' }
    const { stderr } = await home.run(['config', 'set', 'port', '2'], { environment })
    expect(stderr).toBe('note: SFPOOL_PORT is set, and goes before the file\n')
  })

  it('config set writes a setting that needs another one, and says which', async () => {
    using home = createHome()
    const { code, stderr } = await home.run(['config', 'set', 'mode', 'single'])
    expect([code, stderr]).toEqual([0, expect.stringContaining('note: selected must name exactly one key')])
    expect(await home.run(['config', 'set', 'selected', 'team'])).toMatchObject({ code: 0, stderr: '' })
  })

  it('a damaged file is refused by its place, without its content, and left as it is', async () => {
    using home = createHome()
    const text = `{\n "adminKey": "${secret}" "x"\n}`
    writeUserFile(home, text)
    for (const args of [['set', 'port', '1'], ['unset', 'port'], ['list'], ['get', 'port']]) {
      const { stdout, stderr } = await home.run(['config', ...args])
      expect(stdout + stderr).not.toContain(secret)
      if (args[0] !== 'get') expect(stderr).toMatch(/config\.json: .*line 2, column \d+/)
      expect(readFileSync(home.path(file), 'utf8')).toBe(text)
    }
    expect((await home.run(['config', 'set', 'port', '1'])).code).toBe(2)
  })
})

describe('secrets in config', () => {
  it('a secret is set from standard input, and shown by no action', async () => {
    using home = createHome()
    const shown: string[] = []
    for (const args of [
      ['set', 'adminKey', '-'],
      ['get', 'adminKey'],
      ['get', 'adminKey', '--json'],
      ['list'],
      ['list', '--json'],
      ['list', '--all'],
    ]) {
      const { code, stdout, stderr } = await home.run(['config', ...args], { input: `${secret}\n` })
      expect([args, code]).toEqual([args, 0])
      shown.push(stdout + stderr)
    }
    expect(contentOf(home)).toEqual({ adminKey: secret })
    expect(shown.join()).not.toContain(secret)
    expect(shown[0]).not.toContain('shells remember')
    expect(shown[1]).toBe('••••••••\n')
  })

  it('a secret on the command line is taken, with the hint that shells remember it', async () => {
    using home = createHome()
    const { stdout, stderr } = await home.run(['config', 'set', 'clientKey', secret])
    expect(stdout + stderr).not.toContain(secret)
    expect(stderr).toContain('shells remember what is typed')
    const wrong = await home.run(['config', 'set', 'clientKey', `${secret} ${secret}`])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('received 57 characters') })
  })

  it('a store on a server is shown without its token', async () => {
    using home = createHome()
    const url = `libsql://pool.example?authToken=${secret}`
    const said = await home.run(['config', 'set', 'store', url])
    const { stdout } = await home.run(['config', 'list', '--json'])
    const table = await home.run(['config', 'list'])
    expect(contentOf(home)).toEqual({ store: url })
    expect(said.stdout + said.stderr + stdout + table.stdout).not.toContain(secret)
    expect(table.stdout).toContain('libsql://pool.example?authToken=••••••••')
  })

  it('a proxy is shown without its login', async () => {
    using home = createHome()
    const said = await home.run(['config', 'set', 'proxy', `http://me:${secret}@127.0.0.1:8080`])
    const { stdout } = await home.run(['config', 'get', 'proxy'])
    expect(said.stdout + stdout).not.toContain(secret)
    expect(stdout).toBe('http://…@127.0.0.1:8080\n')
  })
})

describe('config list, get and path', () => {
  it('config list shows each value with the source that it comes from', async () => {
    using home = createHome()
    writeUserFile(home, '{"port":5,"host":"::1","trace":true}')
    writeFileSync(home.path('sfpool.config.yaml'), 'host: 127.0.0.2\ntimeoutIdle: 5m\n')
    const environment = { SFPOOL_TRACE: '0' }
    const { stdout } = await home.run(['config', 'list', '--json'], { environment })
    const { settings, files } = JSON.parse(stdout)
    const row = (name: string) => settings.find((setting: { name: string }) => setting.name === name)
    const local = home.path('sfpool.config.yaml')
    expect(row('port')).toMatchObject({
      value: 5,
      source: 'user',
      from: `${home.path(file)} at port`,
      default: '3838',
    })
    expect(row('host')).toMatchObject({ value: '127.0.0.2', source: 'file', from: `${local} at host` })
    expect(row('timeoutIdle')).toMatchObject({ value: 300_000, source: 'file' })
    expect(row('trace')).toMatchObject({ value: false, source: 'environment', from: 'SFPOOL_TRACE' })
    expect(row('site')).toMatchObject({ value: null, source: 'default', default: 'cn' })
    expect(files.map(({ path }: { path: string }) => path)).toEqual([local, home.path(file)])
    const table = (await home.run(['config', 'list'])).stdout
    expect(table).toMatch(/^timeoutIdle +5m +.*sfpool\.config\.yaml$/m)
    expect(table).not.toMatch(/^site /m)
  })

  it('config list and get work while files and variables are wrong, and say what is', async () => {
    using home = createHome()
    writeFileSync(home.path('sfpool.config.json'), '{"prot":1,"host":"::1"}')
    const environment = { SFPOOL_PORT: 'many' }
    const { code, stdout, stderr } = await home.run(['config', 'list'], { environment })
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^host +::1/m)])
    expect(stderr).toMatch(/sfpool\.config\.json at prot: no setting has this name\. Did you mean port\?/)
    expect(stderr).toContain(
      '--port must be a whole number from 0 to 65535; received "many" (from SFPOOL_PORT)',
    )
    expect((await home.run(['config', 'get', 'port'], { environment })).code).toBe(2)
    expect((await home.run(['config', 'get', 'host'], { environment })).stdout).toBe('::1\n')
  })

  it('config path shows the file of the user, and with --json the files that are read', async () => {
    using home = createHome()
    expect((await home.run(['config', 'path'])).stdout).toBe(`${home.path(file)}\n`)
    expect(existsSync(home.path(folder))).toBe(false)
    writeFileSync(home.path('other.yaml'), 'port: 1\n')
    const { stdout } = await home.run(['config', 'path', '--json', '--config', 'other.yaml'])
    expect(JSON.parse(stdout)).toEqual({ path: home.path(file), files: [home.path('other.yaml')] })
  })

  it.each([
    [['lst'], 'Did you mean: sfpool config list'],
    [['frobnicate'], 'See the help with: sfpool config --help'],
    [['get'], 'name a setting: sfpool config get <name>'],
    [['list', 'port'], 'for one of them: sfpool config get <name>'],
  ])('config %j exits with 2 and says what to do', async (args, message) => {
    using home = createHome()
    const { code, stderr } = await home.run(['config', ...args])
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})
