import { chmodSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home, type Running } from '../testing/run-cli.js'
import type { RunOptions } from '../testing/run-environment.js'

beforeAll(ensureBuilt)

const key = 'client-key-of-the-test'

async function serve(
  home: Home,
  args: readonly string[],
  options: RunOptions = {},
): Promise<[Running, string]> {
  const running = home.start(['serve', '--port', '0', '--store', 'memory:', ...args], options)
  onTestFinished(() => running[Symbol.asyncDispose]())
  const [, url = ''] = await running.seen(/listening on (http:\S+)/)
  return [running, url]
}

const statusWith = async (url: string, secret: string, path = '/balance'): Promise<number> =>
  (await fetch(url + path, { headers: { 'x-api-key': secret } })).status

describe('keys of callers in files', () => {
  it.each([
    ['a flag', (path: string) => [['--client-key-file', path], {}, ''] as const],
    ['a variable', (path: string) => [[], { SFPOOL_CLIENT_KEY_FILE: path }, ''] as const],
    ['a configuration file', (path: string) => [[], {}, `clientKeyFile: ${path}\n`] as const],
  ])('the client keys of a file that %s names let clients in', async (_, given) => {
    using home = createHome()
    writeFileSync(home.path('clients'), `\ufeff# those of the team\r\n${key}\r\n\r\nanother-client-key\r\n`, {
      mode: 0o600,
    })
    const [args, environment, config] = given(home.path('clients'))
    if (config !== '') writeFileSync(home.path('sfpool.config.yaml'), config)
    const [, url] = await serve(home, args, { environment })
    expect(await statusWith(url, 'wrong')).toBe(401)
    expect(await statusWith(url, key)).not.toBe(401)
    expect(await statusWith(url, 'another-client-key')).not.toBe(401)
  })

  it('the admin key of a file opens the administration', async () => {
    using home = createHome()
    writeFileSync(home.path('admin'), 'admin-key-of-the-test\n', { mode: 0o600 })
    const [, url] = await serve(home, ['--admin-key-file', 'admin'])
    expect(await statusWith(url, 'admin-key-of-the-test', '/admin/api/keys')).toBe(200)
    const { code } = await home.run(['stats', '--url', url, '--admin-key-file', 'admin', '--json'])
    expect(code).toBe(0)
  })

  it.each([
    ['is missing', null, '--client-key-file', /--client-key-file cannot read .*: there is no such file/],
    ['is empty', '\n# none\n', '--client-key-file', /--client-key-file \S+ holds no key/],
    [
      'has a key with a space',
      'good\nse cret\n',
      '--client-key-file',
      /, line 2: a key must be visible ASCII/,
    ],
    ['has two admin keys', 'one-key\nother-key\n', '--admin-key-file', /must hold one key, in one line/],
  ])(
    'a server does not start when the file %s, and does not repeat what is in it',
    async (_, content, flag, reason) => {
      using home = createHome()
      if (content !== null) writeFileSync(home.path('file'), content)
      const { code, stderr } = await home.run(['serve', '--port', '0', flag, 'file'])
      expect([code, stderr]).toEqual([2, expect.stringMatching(reason)])
      expect(stderr).not.toMatch(/cret|other-key/)
    },
  )

  it('quotes around a value of the environment are no part of a key', async () => {
    using home = createHome()
    const [, url] = await serve(home, [], { environment: { SFPOOL_CLIENT_KEY: `"${key}"` } })
    expect(await statusWith(url, key)).not.toBe(401)
  })
})

describe('warnings of a server', () => {
  it.skipIf(process.platform === 'win32')(
    'files with secrets that every user can read are warned about',
    async () => {
      using home = createHome()
      for (const [name, content] of [
        ['keys', ''],
        ['clients', key],
        ['admin', 'admin-key-of-the-test'],
      ] as const) {
        writeFileSync(home.path(name), content)
        chmodSync(home.path(name), 0o644)
      }
      const files = ['--keys', 'keys', '--client-key-file', 'clients', '--admin-key-file', 'admin']
      const [running] = await serve(home, files)
      for (const name of ['--keys', '--client-key-file', '--admin-key-file'])
        await running.seen(new RegExp(`warning: ${name} \\S+ can be read by every user .*chmod 600`))
      for (const name of ['keys', 'clients', 'admin']) chmodSync(home.path(name), 0o600)
      const [quiet] = await serve(home, files)
      expect(quiet.stderr()).not.toContain('warning')
    },
  )

  it.skipIf(process.platform === 'win32')(
    'a configuration that holds a secret and that every user can read is warned about',
    async () => {
      using home = createHome()
      writeFileSync(home.path('sfpool.config.yaml'), `clientKey: ${key}\n`)
      chmodSync(home.path('sfpool.config.yaml'), 0o644)
      const [running] = await serve(home, [])
      await running.seen(/warning: the configuration \S+sfpool\.config\.yaml can be read by every user/)
    },
  )

  it('short keys on a host that other machines reach are warned about, with the reason', async () => {
    using home = createHome()
    const keys = ['--client-key', 'short', '--admin-key', 'fifteen-letters']
    const [running] = await serve(home, ['--host', '0.0.0.0', ...keys])
    await running.seen(/warning: a client key has fewer than 16 characters and can be guessed .*openssl rand/)
    await running.seen(/warning: the admin key has fewer than 16 characters/)
    expect(running.stderr()).not.toMatch(/short|fifteen/)
    const [local] = await serve(home, keys)
    expect(local.stderr()).not.toContain('warning')
  })
})

describe('web pages of other origins', () => {
  const origin = 'https://app.example'
  const preflight = (url: string, from: string): Promise<Response> =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-stainless-os',
        'access-control-request-private-network': 'true',
      },
    })

  it.each([
    ['a flag', ['--cors', `${origin}/, http://localhost:5173`], {}, ''],
    ['a variable', [], { SFPOOL_CORS: `"${origin},http://localhost:5173"` }, ''],
    ['a configuration file', [], {}, `cors: [${origin}:443, http://localhost:5173]\n`],
  ])(
    'origins that %s names preflight without a key, and read answers',
    async (_, args, environment, config) => {
      using home = createHome()
      if (config !== '') writeFileSync(home.path('sfpool.config.yaml'), config)
      const [, url] = await serve(home, ['--client-key', key, ...args], { environment: { ...environment } })
      const granted = await preflight(url, origin)
      expect(granted.status).toBe(204)
      expect(Object.fromEntries(granted.headers)).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization,content-type,x-stainless-os',
        'access-control-allow-private-network': 'true',
      })
      const refused = await fetch(`${url}/v1/models`, { headers: { origin } })
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin])
      expect((await preflight(url, 'https://evil.example')).headers.has('access-control-allow-origin')).toBe(
        false,
      )
    },
  )

  it('* lets every origin call, and without a client key that is warned about', async () => {
    using home = createHome()
    const [guarded, url] = await serve(home, ['--client-key', key, '--cors', '*'])
    expect((await preflight(url, origin)).headers.get('access-control-allow-origin')).toBe('*')
    expect(guarded.stderr()).not.toContain('warning')
    const [open] = await serve(home, ['--cors', '*'])
    await open.seen(/warning: --cors \* without --client-key lets every web page/)
  })

  it.each([
    'app.example',
    'https://app.example/path',
    'https://*.example',
    '*,https://app.example',
    'https://',
  ])('the origin %j is refused by the name of the option', async (given) => {
    using home = createHome()
    const { code, stderr } = await home.run(['serve', '--port', '0', '--cors', given])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: --cors must be \*, or origins/)])
  })
})
