import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { type Served, startServer } from '../testing/served.js'

const scenario = makeScenario({ accounts: 3 })
const [one = '', two = ''] = keysOf(scenario)
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario })
  await ensureBuilt()
})
afterAll(() => upstream.close())

const serve = (home: Home, args: readonly string[] = []): Promise<Served> =>
  startServer(home, { args, options: {}, upstream })

const count = (text: string, word: string): number => text.split(word).length - 1

describe('a key file that is no key file for a while', () => {
  const troubles: [name: string, make: (path: string) => void, said: RegExp][] = [
    ['is empty', (path) => writeFileSync(path, ''), /key file: the file holds no key; keeping 2 keys/],
    ['vanished', (path) => rmSync(path), /key file: cannot read .*no such file.*; keeping the keys/],
    [
      'is a folder',
      (path) => {
        rmSync(path)
        mkdirSync(path)
      },
      /key file: cannot read .*the path is a directory; keeping the keys/,
    ],
    [
      'ends within a key',
      (path) => writeFileSync(path, `${one}\nsk-`),
      /key file: the file has a line without a key; keeping 1 key/,
    ],
  ]
  if (process.platform !== 'win32')
    troubles.push([
      'is a named pipe',
      (path) => {
        rmSync(path)
        execFileSync('mkfifo', [path])
      },
      /key file: cannot read .*named pipe.*; keeping the keys/,
    ])

  it.each(troubles)(
    'a key file that %s changes nothing, is said once, and is followed again',
    async (_, make, said) => {
      using home = createHome()
      const path = home.path('keys.txt')
      writeFileSync(path, `${one}\n${two}\n`)
      await using served = await serve(home, ['--keys', 'keys.txt'])
      make(path)
      await served.running.seen(said)
      served.running.kill('SIGHUP')
      await served.running.seen(/SIGHUP: /)
      expect(await served.keyCount()).toBe(2)
      expect(count(served.running.stderr(), 'keeping')).toBe(1)
      expect((await served.chat()).status).toBe(200)
      rmSync(path, { recursive: true, force: true })
      writeFileSync(home.path('next'), `${one}\n`)
      renameSync(home.path('next'), path)
      await served.running.seen(/key file: 1 removed; 1 key in the pool/)
    },
  )

  it('a key that leaves the file ends its running call first', async () => {
    using home = createHome()
    upstream.settings.update({ eventMs: 50, replyTokens: 20 })
    writeFileSync(home.path('keys.txt'), `${one}\n`)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    const response = await served.chat({ stream: true })
    writeFileSync(home.path('keys.txt'), `${two}\n`)
    await served.running.seen(/key file: 1 added, 1 removed; 1 key in the pool/)
    expect(await response.text()).toMatch(/data: \[DONE\]\s*$/)
    upstream.settings.update({ eventMs: 0, replyTokens: 16 })
    await served.chat()
    expect(upstream.requests.at(-1)?.key).toBe(two)
  })
})

describe('settings of a running server', () => {
  const origin = 'https://page.example'
  const allowed = async (served: Served): Promise<string | null> =>
    (await fetch(`${served.origin}/healthz`, { headers: { origin } })).headers.get(
      'access-control-allow-origin',
    )

  it('a change of the file is taken over, and what needs a restart is said', async () => {
    using home = createHome()
    await home.run(['add', one])
    writeFileSync(home.path('sfpool.config.yaml'), 'trace: false\n')
    await using served = await serve(home)
    expect((await served.chat()).headers.has('x-sfpool-trace')).toBe(false)
    writeFileSync(home.path('sfpool.config.yaml'), `trace: true\ncors: ${origin}\nstrategy: random\n`)
    await served.running.seen(/configuration: in effect now: --cors, --trace; needs a restart: --strategy\n/)
    expect((await served.chat()).headers.has('x-sfpool-trace')).toBe(true)
    expect(await allowed(served)).toBe(origin)
  })

  it('a file that appears later is followed, and so is one that vanishes', async () => {
    using home = createHome()
    await using served = await serve(home)
    writeFileSync(home.path('sfpool.config.json'), JSON.stringify({ cors: origin }))
    await served.running.seen(/in effect now: --cors/)
    expect(await allowed(served)).toBe(origin)
    rmSync(home.path('sfpool.config.json'))
    await expect.poll(() => allowed(served)).toBe(null)
  })

  it.each([
    [
      'a name that is no setting',
      'trace: true\ncosr: "*"\n',
      /configuration: .*at cosr: no setting has this name; keeping/,
    ],
    ['a wrong value', 'trace: true\nmaxBody: many\n', /configuration: --max-body must be a size .*; keeping/],
    [
      'a wrong policy',
      'trace: true\nqueue: { maxWaitMs: soon }\n',
      /configuration: queue\.maxWaitMs must be .*; keeping/,
    ],
    ['no YAML', 'trace: true\n  oops: [\n', /configuration: cannot read .*; keeping/],
    [
      'keys that may not be the same',
      'trace: true\nclientKey: admin-key-of-the-test\n',
      /configuration: .*must differ.*; keeping/,
    ],
    [
      'a key that is not there',
      'trace: true\nmode: single\nselected: [nobody]\n',
      /configuration: selected must name keys of the pool.*; keeping/,
    ],
  ])('with %s nothing of the file is taken over', async (_, text, said) => {
    using home = createHome()
    await home.run(['add', one])
    await using served = await serve(home)
    writeFileSync(home.path('sfpool.config.yaml'), text)
    await served.running.seen(said)
    const answer = await served.chat()
    expect([answer.status, answer.headers.has('x-sfpool-trace')]).toEqual([200, false])
    writeFileSync(home.path('sfpool.config.yaml'), 'trace: true\n')
    await served.running.seen(/in effect now: --trace/)
  })

  it('SIGHUP reads the keys of clients again from their file', async () => {
    using home = createHome()
    await home.run(['add', one])
    writeFileSync(home.path('clients.txt'), 'client-key-of-before\n', { mode: 0o600 })
    await using served = await serve(home, ['--client-key-file', 'clients.txt'])
    writeFileSync(home.path('clients.txt'), 'client-key-of-now\n')
    served.running.kill('SIGHUP')
    await served.running.seen(/in effect now: the keys of clients and administrators/)
    expect((await served.chat({ key: 'client-key-of-before' })).status).toBe(401)
    expect((await served.chat({ key: 'client-key-of-now' })).status).toBe(200)
    expect(served.running.stderr()).not.toContain('client-key-of')
  })

  it('a flag goes before the file, also while the server runs', async () => {
    using home = createHome()
    await using served = await serve(home, ['--max-body', '1mb'])
    writeFileSync(home.path('sfpool.config.yaml'), 'maxBody: 2mb\ntrace: true\n')
    await served.running.seen(/in effect now: --trace\n/)
  })
})
