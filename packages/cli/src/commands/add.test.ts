import { writeFileSync } from 'node:fs'
import { fakeKey, keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome } from '../testing/run-cli.js'

const [one, two, three] = [fakeKey('add', 'one'), fakeKey('add', 'two'), fakeKey('add', 'three')]

beforeAll(ensureBuilt)

describe('add', () => {
  it('add stores keys from arguments and reports keys that were already stored', async () => {
    using home = createHome()
    const first = await home.run(['add', one, `${two},${one}`])
    expect(first).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(
        /^made \S+secret\.key: [^\n]+\nshells keep commands [^\n]+standard input\n$/,
      ),
    })
    expect(first.stdout).toMatch(/argument 1 {2}sk-ad…\w{4} {2}added\n/)
    expect(first.stdout).toMatch(
      /argument 2 {2}sk-ad…\w{4} {2}duplicate\n2 added, 1 duplicate, 0 rejected\n$/,
    )
    const again = await home.run(['add', two, '--json'])
    expect(JSON.parse(again.stdout)).toEqual({ added: 0, duplicates: 1, rejected: [], keys: [] })
    const listed = JSON.parse((await home.run(['list', '--json'])).stdout)
    expect(listed.total).toBe(2)
  })

  it('add gives a known key the settings of the flags', async () => {
    using home = createHome()
    await home.run(['add', one])
    const flags = ['--label', 'team', '--account', 'acme', '--weight', '2', '--site', 'com', '--balance', '3']
    const { code, stdout } = await home.run(['add', one, two, ...flags])
    expect(code).toBe(0)
    expect(stdout).toMatch(/updated\n.*added\n1 added, 1 updated, 0 duplicate, 0 rejected\n$/)
    for (const key of JSON.parse((await home.run(['list', '--json'])).stdout).items)
      expect(key).toMatchObject({
        label: 'team',
        account: 'acme',
        weight: 2,
        site: 'com',
        balance: { amount: '3.00' },
      })
    expect(JSON.parse((await home.run(['add', one, '--weight', '3', '--json'])).stdout)).toMatchObject({
      added: 0,
      duplicates: 1,
      updated: 1,
    })
  })

  it('add says that a balance in the input changes no known key', async () => {
    using home = createHome()
    await home.run(['add', one, '--balance', '3'])
    expect((await home.run(['add', '-f', '-'], { input: `${one},9` })).stderr).toMatch(
      /a balance for 1 known key, which was left as it is; change one with: sfpool update/,
    )
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).items[0].balance.amount).toBe('3.00')
  })

  it('add lists lines without a key, adds the other keys and exits with 1', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `# mine\n${one}\n\nnot a key!\n${two} # spare\noops\n`)
    const { code, stdout } = await home.run(['add', '-f', 'keys.txt', '--json'])
    expect(code).toBe(1)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ added: 2, duplicates: 0 })
    expect(report.rejected.map(({ line }: { line: number }) => line)).toEqual([4, 6])
    expect(report.rejected[0].reason).not.toBe('')
  })

  it('add reads standard input when it is piped or requested', async () => {
    using home = createHome()
    expect((await home.run(['add'], { input: `${one}\n` })).stdout).toContain('1 added')
    expect((await home.run(['add', '-f', '-'], { input: `${two}\r\n` })).stdout).toContain('1 added')
  })

  it('add exits with 2 when the input has no key or the file is missing', async () => {
    using home = createHome()
    expect(await home.run(['add'], { input: '\n# none\n' })).toMatchObject({
      code: 2,
      stderr: 'error: the input contains no key\n',
    })
    const missing = await home.run(['add', '-f', 'nowhere.txt'])
    expect(missing.code).toBe(2)
    expect(missing.stderr).toMatch(/cannot read .*nowhere\.txt: there is no such file/)
  })

  it('add gives every key the account, label and weight of the flags', async () => {
    using home = createHome()
    const flags = [
      '--account',
      'acme',
      '--label',
      'team',
      '--weight',
      '2.5',
      '--balance',
      '12.50',
      '--site',
      'com',
    ]
    await home.run(['add', one, ...flags])
    const [key] = JSON.parse((await home.run(['list', '--json'])).stdout).items
    expect(key).toMatchObject({
      account: 'acme',
      label: 'team',
      weight: 2.5,
      site: 'com',
      balance: { amount: '12.50', source: 'estimated' },
    })
  })

  it('add records a balance that is written beside a key', async () => {
    using home = createHome()
    await home.run(['add'], { input: `${one},3.20\n` })
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).items[0].balance.amount).toBe('3.20')
  })

  it('add stores ten thousand keys and reports them in one line', async () => {
    using home = createHome()
    const input = Array.from({ length: 10_000 }, (_, index) => fakeKey('many', index)).join('\n')
    const { code, stdout } = await home.run(['add'], { input })
    expect([code, stdout]).toEqual([0, '10,000 added, 0 duplicate, 0 rejected\n'])
  })
})

describe('add --check', () => {
  const scenario = makeScenario({ accounts: 2 })
  let upstream: Simulator

  beforeAll(async () => {
    upstream = await startSimulator({ scenario })
  })
  afterAll(() => upstream.close())

  it('add --check stores only accepted keys and explains why others were rejected', async () => {
    using home = createHome()
    const input = [...keysOf(scenario), three].join('\n')
    const { code, stdout } = await home.run(
      ['add', '--check', '--base-url', upstream.sites.cn.baseURL, '--json'],
      { input },
    )
    expect(code).toBe(1)
    const report = JSON.parse(stdout)
    expect(report.added).toBe(2)
    expect(report.rejected).toEqual([
      { line: 3, source: 'standard input', reason: expect.stringMatching(/^invalid: /) },
    ])
  })

  it('add --check stores no key that it could not check, and exits with 3', async () => {
    using home = createHome()
    const closed = await startSimulator({ scenario })
    const { baseURL } = closed.sites.cn
    await closed.close()
    const { code, stdout } = await home.run(['add', one, '--check', '--base-url', baseURL, '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ added: 0, rejected: [{ line: 1 }] })
  })
})
