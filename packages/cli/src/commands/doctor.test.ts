import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fakeKey, keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoctorReport } from '../doctor/examine.js'
import type { Finding } from '../doctor/finding.js'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { startServer } from '../testing/served.js'
import { serving } from '../testing/serving.js'

const [key = ''] = keysOf(makeScenario({ accounts: 1 }))
const hush = 'hush-hush-secret-of-the-test'
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario: makeScenario({ accounts: 1 }) })
  await ensureBuilt()
})
afterAll(() => upstream.close())

interface Seen extends DoctorReport {
  readonly code: number | null
  readonly all: string
  find(id: string): Finding | undefined
}

async function doctor(home: Home, args: readonly string[] = [], environment = {}): Promise<Seen> {
  const flags = ['--base-url', upstream.sites.cn.baseURL, '--port', '0', ...args]
  const { code, stdout, stderr } = await home.run(['doctor', '--json', ...flags], { environment })
  const report: DoctorReport = JSON.parse(stdout)
  return {
    ...report,
    code,
    all: stdout + stderr,
    find: (id) => report.findings.find((each) => each.id === id),
  }
}

describe('doctor', () => {
  it('doctor finds nothing wrong with an installation that works, and exits with 0', async () => {
    using home = createHome()
    await home.run(['add', key])
    const { code, ok, findings, find } = await doctor(home)
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([])
    expect([code, ok]).toEqual([0, true])
    expect(find('store')?.message).toMatch(/pool\.db opens: 1 key, \d+ KB/)
    expect(find('secret')?.message).toMatch(/sealed; fingerprint \S+, from secret\.key beside the store/)
    expect(find('upstream')?.message).toMatch(/answers in \d+ ms \(HTTP 401\)/)
    expect(find('clock')?.level).toBe('ok')
  })

  it('doctor prints a line for each finding, with what to do', async () => {
    using home = createHome()
    const { code, stdout, stderr } = await home.run([
      'doctor',
      '--base-url',
      upstream.sites.cn.baseURL,
      '--port',
      '0',
    ])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok {5}Node\.js /m)
    expect(stdout).toMatch(/^warn {3}there is no store .* yet.*\n {7}-> Add keys with: sfpool add <key>$/m)
    expect(stderr).toBe('0 errors, 1 warning\n')
  })

  it('doctor makes no store and changes nothing', async () => {
    using home = createHome()
    await doctor(home, ['--store', 'file:deep/pool.db'])
    expect(readdirSync(home.directory)).toEqual([])
  })

  it('doctor works while the configuration is broken, and says what is wrong with it', async () => {
    using home = createHome()
    mkdirSync(home.path('.config/sfpool'), { recursive: true })
    writeFileSync(home.path('.config/sfpool/config.json'), '{"port": oops, "adminKey": "hush-hush" "x"')
    writeFileSync(
      home.path('sfpool.config.yaml'),
      'hots: 1\nqueue: { maxWaitMs: soon }\ntimeoutIdle: 5 minutes\n',
    )
    const { code, all, findings } = await doctor(home, [], { SFPOOL_PROT: '1', SFPOOL_MAX_BODY: 'big' })
    expect(code).toBe(1)
    const errors = findings
      .filter(({ level }) => level === 'error')
      .map(({ message, mend }) => `${message} -> ${mend}`)
    expect(errors).toEqual([
      expect.stringMatching(/sfpool\.config\.yaml at hots: no setting has this name -> Did you mean host\?/),
      expect.stringMatching(/cannot read .*config\.json: .*line 1/),
      expect.stringMatching(/--timeout-idle must be a duration .*"5 minutes"/),
      expect.stringMatching(/--max-body must be a size .*"big" \(from SFPOOL_MAX_BODY\)/),
      expect.stringMatching(/queue\.maxWaitMs must be .*"soon".*sfpool\.config\.yaml at queue/),
    ])
    expect(findings).toContainEqual(
      expect.objectContaining({ id: 'config.variables', level: 'warn', mend: 'Did you mean SFPOOL_PORT?' }),
    )
    expect(all).not.toContain('hush')
  })

  it('doctor shows no secret, wherever one is set', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `${key}\n`)
    const environment = {
      SFPOOL_SECRET: hush,
      SFPOOL_ADMIN_KEY: `${hush}-admin`,
      LB_API_KEY: `${hush}-client`,
      SILICONFLOW_API_KEY: fakeKey('environment'),
      SFPOOL_PROXY: `http://me:${hush}@127.0.0.1:9`,
    }
    await home.run(['add', key], { environment: { SFPOOL_SECRET: hush } })
    const { all, find } = await doctor(home, ['--keys', 'keys.txt'], environment)
    for (const secret of [hush, key, fakeKey('environment')]) expect(all).not.toContain(secret)
    expect(find('secret')?.message).toContain('from SFPOOL_SECRET')
    expect(find('environment-keys')?.message).toBe('1 key in variables')
    expect(find('proxy')?.message).toMatch(/127\.0\.0\.1:9.*\(from SFPOOL_PROXY\)/)
    expect(find('upstream')).toMatchObject({ level: 'error', mend: expect.stringContaining('--proxy') })
  })
})

describe('doctor on the store and its secret', () => {
  it('a wrong secret and a lost one are told apart, and are no faults of the store', async () => {
    using home = createHome()
    await home.run(['add', key])
    const wrong = await doctor(home, [], { SFPOOL_SECRET: hush })
    rmSync(home.path('.config/sfpool/secret.key'))
    const lost = await doctor(home)
    expect([wrong.code, lost.code]).toEqual([1, 1])
    expect(wrong.find('secret')).toMatchObject({
      level: 'error',
      message: expect.stringContaining('SFPOOL_SECRET'),
    })
    expect(lost.find('secret')).toMatchObject({
      level: 'error',
      message: expect.stringContaining('secret.key'),
    })
    expect(wrong.find('secret')?.message).not.toBe(lost.find('secret')?.message)
    expect([wrong.find('store'), lost.find('store')]).toEqual([undefined, undefined])
  })

  it.each([
    ['a file of another kind', 'this is no database, and long enough to look like one '.repeat(50)],
    ['a database that was cut', 'SQLite format 3\0'.padEnd(4096, '\u0001')],
  ])('a store that is %s is an error', async (_, content) => {
    using home = createHome()
    writeFileSync(home.path('no.db'), content)
    const { code, find } = await doctor(home, ['--store', 'file:no.db'])
    expect([code, find('store')]).toEqual([
      1,
      expect.objectContaining({ level: 'error', message: expect.stringContaining('no.db') }),
    ])
  })

  it.skipIf(process.platform === 'win32')(
    'files that others can read are warned about, with the command that mends it',
    async () => {
      using home = createHome()
      await home.run(['add', key])
      const secretKey = home.path('.config/sfpool/secret.key')
      chmodSync(home.path('.config/sfpool/pool.db'), 0o644)
      chmodSync(secretKey, 0o640)
      const { findings } = await doctor(home)
      const mends = findings.filter(({ id }) => id === 'store.rights').map(({ mend }) => mend)
      expect(mends).toEqual([`chmod 600 ${home.path('.config/sfpool/pool.db')}`, `chmod 600 ${secretKey}`])
    },
  )
})

describe('doctor on key files', () => {
  it.each([
    ['nowhere.txt', null, 'error', /cannot read .*nowhere\.txt/],
    ['empty.txt', '# nothing\n', 'warn', /empty\.txt holds no key/],
    ['some.txt', `${fakeKey('good')}\noops\n`, 'warn', /holds 1 key; line 2: /],
    ['good.txt', `${fakeKey('good')}\n`, 'ok', /good\.txt holds 1 key$/],
  ])('the key file %s is looked at', async (name, content, level, message) => {
    using home = createHome()
    if (content !== null) writeFileSync(home.path(name), content, { mode: 0o600 })
    const { find } = await doctor(home, ['--keys', name])
    expect(find('key-file')).toMatchObject({ level, message: expect.stringMatching(message) })
  })

  it('a key file that is a folder is an error', async () => {
    using home = createHome()
    mkdirSync(home.path('keys'))
    expect((await doctor(home, ['--keys', 'keys'])).find('key-file')?.message).toContain(
      'the path is a directory',
    )
  })
})

describe('doctor on the network', () => {
  it('an upstream that refuses connections, and one that does not exist, are errors', async () => {
    using home = createHome()
    const run = async (url: string) => {
      const { stdout } = await home.run(['doctor', '--json', '--base-url', url, '--port', '0'])
      return (JSON.parse(stdout) as DoctorReport).findings.find(({ id }) => id === 'upstream')
    }
    expect(await run('http://127.0.0.1:1')).toMatchObject({
      level: 'error',
      message: expect.stringContaining('cannot be reached'),
    })
    expect(await run('http://no-such-host.invalid')).toMatchObject({
      level: 'error',
      message: expect.stringContaining('cannot be looked up'),
    })
  })

  it('an upstream in trouble is a warning', async () => {
    using home = createHome()
    const origin = await serving((_, response) => response.writeHead(503).end())
    const { stdout } = await home.run(['doctor', '--json', '--base-url', origin, '--port', '0'])
    const findings: Finding[] = JSON.parse(stdout).findings
    expect(findings.find(({ id }) => id === 'upstream')).toMatchObject({
      level: 'warn',
      message: expect.stringContaining('HTTP 503'),
    })
  })

  it('the upstream is asked through the proxy', async () => {
    using home = createHome()
    const asked: string[] = []
    const proxy = await serving((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(401).end()
    })
    const { stdout } = await home.run([
      'doctor',
      '--json',
      '--base-url',
      'http://upstream.example',
      '--proxy',
      proxy,
      '--port',
      '0',
    ])
    const findings: Finding[] = JSON.parse(stdout).findings
    expect(findings.find(({ id }) => id === 'upstream')?.level).toBe('ok')
    expect(asked).toEqual(['http://upstream.example/v1/models'])
  })

  it('a port that another program uses is an error, and one that our server uses is fine', async () => {
    using home = createHome()
    const origin = await serving((_, response) => response.end('hello'))
    const busy = await home.run([
      'doctor',
      '--json',
      '--base-url',
      upstream.sites.cn.baseURL,
      '--port',
      new URL(origin).port,
    ])
    const findings: Finding[] = JSON.parse(busy.stdout).findings
    expect(findings.find(({ id }) => id === 'port')).toMatchObject({
      level: 'error',
      message: expect.stringContaining('another program'),
    })
    await using served = await startServer(home, { upstream, args: ['--store', 'memory:'], options: {} })
    const { stdout } = await home.run([
      'doctor',
      '--json',
      '--base-url',
      upstream.sites.cn.baseURL,
      '--port',
      new URL(served.origin).port,
    ])
    expect((JSON.parse(stdout).findings as Finding[]).find(({ id }) => id === 'port')).toMatchObject({
      level: 'ok',
      message: expect.stringMatching(/sfpool \S+ listens on 127\.0\.0\.1/),
    })
  })
})

describe('doctor on access', () => {
  it('a server that others could reach without a key is an error, and a short key a warning', async () => {
    using home = createHome()
    const open = await doctor(home, ['--host', '0.0.0.0'])
    expect(open.find('access.host')).toMatchObject({
      level: 'error',
      mend: expect.stringContaining('--client-key'),
    })
    const short = await doctor(home, ['--host', '0.0.0.0', '--client-key', 'short'])
    expect(short.find('access.weak')).toMatchObject({
      level: 'warn',
      mend: expect.stringContaining('openssl rand'),
    })
    expect(short.all).not.toContain('"short"')
  })
})
