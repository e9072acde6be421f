import { readFileSync, writeFileSync } from 'node:fs'
import { type AccountInput, fakeKey, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { startServer } from '../testing/served.js'

const account = (id: string, more: Partial<AccountInput> = {}): AccountInput => ({
  id,
  keys: [fakeKey(id)],
  money: { charged: '12.50' },
  limits: { '*': {} },
  ...more,
})
const accounts = [
  account('fine'),
  account('poor', { money: { charged: '0.50' } }),
  account('empty', { money: {} }),
  account('nameless', { status: 'unverified' }),
  account('abroad', { site: 'com' }),
  account('halted', { limits: { '*': { rpm: 0 } } }),
]
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario: { accounts } })
  await ensureBuilt()
})
beforeEach(() => {
  upstream.settings.update({ regime: 'current' })
  for (const { id, money } of accounts) upstream.accounts.update(id, { money: { charged: '0', ...money } })
  upstream.faults.clear()
  upstream.clearRequests()
})
afterAll(() => upstream.close())

/** Creates a home with a key file and a configuration with both sites. */
function homeOf(names: readonly string[]): Home {
  const home = createHome()
  writeFileSync(home.path('keys.txt'), names.map((name) => `${fakeKey(name)}\n`).join(''))
  const { cn, com } = upstream.sites
  writeFileSync(
    home.path('sfpool.config.json'),
    JSON.stringify({ sites: { cn: cn.baseURL, com: com.baseURL } }),
  )
  return home
}

const check = (home: Home, ...args: string[]) =>
  home.run(['check', 'keys.txt', '--retries', '0', '--json', ...args])

async function verdicts(home: Home, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await check(home, ...args)
  const { results } = JSON.parse(stdout) as { results: { line: number; verdict: string }[] }
  return Object.fromEntries(results.map(({ line, verdict }) => [line, verdict]))
}

const all = accounts.map(({ id }) => id)
const chats = () => upstream.requests.filter(({ path }) => path.endsWith('/chat/completions')).length

describe('check --probe', () => {
  it('check by default claims no more than a free request proves', async () => {
    using home = homeOf(all)
    const seen = await verdicts(home)
    expect(Object.values(seen)).toEqual(['valid', 'valid', 'valid', 'valid', 'wrong-site', 'valid'])
    expect(chats()).toBe(0)
  })

  it('check --probe balance reads balances where the upstream reports them, and --min-balance implies it', async () => {
    upstream.settings.update({ regime: 'classic' })
    using home = homeOf(['fine', 'poor', 'empty'])
    const { code, stdout, stderr } = await check(home, '--min-balance', '1.00')
    expect(code).toBe(1)
    const { results, summary } = JSON.parse(stdout)
    expect(results).toMatchObject([
      { verdict: 'valid', balance: { amount: '12.50', currency: 'CNY', source: 'known' } },
      { verdict: 'valid', low: true, balance: { amount: '0.50' }, next: 'Top the account up.' },
      { verdict: 'exhausted', balance: { amount: '0.00' } },
    ])
    expect(summary.low).toBe(1)
    expect(stderr).toContain('1 valid key below 1.00')
    expect(chats()).toBe(0)
  })

  it('check --min-balance exits with 3 when the upstream reports no balance', async () => {
    using home = homeOf(['fine'])
    const { code, stderr } = await check(home, '--min-balance', '1.00')
    expect(code).toBe(3)
    expect(stderr).toContain('the balance of 1 valid key is unknown')
  })

  it('check --probe chat buys one token per key, and says so before and after', async () => {
    using home = homeOf(all)
    const { code, stdout, stderr } = await check(home, '--probe', 'chat')
    expect(code).toBe(1)
    const { results } = JSON.parse(stdout) as { results: Record<string, unknown>[] }
    expect(results.map(({ verdict }) => verdict)).toEqual([
      'valid',
      'valid',
      'exhausted',
      'restricted',
      'wrong-site',
      'limited',
    ])
    expect(results[3]).toMatchObject({ restriction: 'real-name', next: expect.stringContaining('verified') })
    expect(results[4]).toMatchObject({ rightSite: 'com' })
    expect(chats()).toBe(6)
    expect(stderr).toMatch(
      /^each key buys one token of deepseek-ai\/DeepSeek-V4-Flash, which costs[\s\S]*\n2 tokens of deepseek-ai\/DeepSeek-V4-Flash bought\n$/,
    )
  })

  it('check --probe chat calls the model of --model', async () => {
    using home = homeOf(['fine'])
    await check(home, '--probe', 'chat', '--model', 'Qwen/Qwen3-32B')
    expect(upstream.requests.at(-1)?.model).toBe('Qwen/Qwen3-32B')
  })
})

describe('check --format', () => {
  it.each([
    ['csv', /^line,id,key,.*\n2,key_\w{16},sk-em…\w{4},,cn,exhausted,/],
    ['junit', /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites>[\s\S]*<failure type="exhausted"/],
    ['github', /^::error file=keys.txt,line=2,title=exhausted::[\s\S]*::notice title=sfpool check::2 keys: /],
  ])('check writes %s to standard output or to a file', async (format, pattern) => {
    using home = homeOf(['fine', 'empty'])
    const args = ['check', 'keys.txt', '--probe', 'chat', '--concurrency', '1', '--format', format]
    const { stdout } = await home.run(args)
    expect(stdout.replace(/^1,.*\n/m, '')).toMatch(pattern)
    const other = await home.run([...args, '--output', 'results'])
    expect(other.stdout).toBe('')
    expect(readFileSync(home.path('results'), 'utf8').replace(/^1,.*\n/m, '')).toMatch(pattern)
  })

  it('check refuses an output file that cannot be written before it sends any request', async () => {
    using home = homeOf(['fine'])
    const { code, stderr } = await check(home, '--format', 'csv', '--output', 'no/such/folder/results.csv')
    expect(code).toBe(2)
    expect(stderr).toContain('cannot write')
    expect(upstream.requests).toHaveLength(0)
  })
})

describe('check --resume', () => {
  const asked = () => upstream.requests.map(({ key }) => key)

  it('check --resume skips keys that have a result, and includes them in the summary', async () => {
    using home = homeOf(['fine', 'nobody', 'poor'])
    const args = ['check', 'keys.txt', '--format', 'jsonl', '--output', 'done.jsonl', '--concurrency', '1']
    // The file to resume from does not exist yet.
    expect((await home.run([...args, '--resume', 'done.jsonl'])).code).toBe(1)
    const [first = '', second = ''] = readFileSync(home.path('done.jsonl'), 'utf8').split('\n')
    // The run was killed, so the last line is incomplete.
    writeFileSync(home.path('done.jsonl'), `${first}\n${second}\n{"line":3,"id":"key_`)
    upstream.clearRequests()
    const { code, stderr } = await home.run([...args, '--resume', 'done.jsonl'])
    expect(code).toBe(1)
    expect(new Set(asked()).size).toBe(1)
    expect(stderr).toContain('2 keys checked by an earlier run, skipped: 1 valid, 1 invalid')
    expect(stderr).toContain('1 line of')
    const lines = readFileSync(home.path('done.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(4)
    expect(JSON.parse(lines[3] ?? '')).toMatchObject({ verdict: 'valid' })
  })

  it('check --resume checks keys with the result unknown again', async () => {
    using home = homeOf(['fine'])
    upstream.faults.add({ fault: { kind: 'error', name: 'overloaded' }, times: 1 })
    const args = ['check', 'keys.txt', '--format', 'jsonl', '--retries', '0']
    expect((await home.run([...args, '--output', 'done.jsonl'])).code).toBe(3)
    expect((await home.run([...args, '--resume', 'done.jsonl'])).code).toBe(0)
  })

  it('check --resume refuses to overwrite the earlier results with another format', async () => {
    using home = homeOf(['fine'])
    await home.run(['check', 'keys.txt', '--format', 'jsonl', '--output', 'done.jsonl'])
    const { code, stderr } = await home.run([
      ...['check', 'keys.txt', '--format', 'csv'],
      ...['--output', 'done.jsonl', '--resume', 'done.jsonl'],
    ])
    expect([code, stderr]).toEqual([2, expect.stringContaining('would overwrite')])
  })
})

describe('balance', () => {
  it('balance --refresh asks the upstream and shows each account and the total', async () => {
    upstream.settings.update({ regime: 'classic' })
    using home = homeOf(['fine', 'poor'])
    await home.run(['add', '-f', 'keys.txt'])
    const { code, stdout } = await home.run(['balance', '--refresh'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ACCOUNT +KEYS +BALANCE +SOURCE +AS OF\n/)
    expect(stdout).toMatch(/12\.50 CNY {2}known/)
    expect(stdout).toMatch(/\nTOTAL {2}13\.00 CNY\n$/)
    // The reported balance is remembered.
    const { total, currency } = JSON.parse((await home.run(['balance', '--json'])).stdout)
    expect([total, currency]).toEqual(['13.00', 'CNY'])
  })

  it('balance shows the entered balance and sends no request without --refresh', async () => {
    using home = homeOf([])
    await home.run(['add', fakeKey('fine'), '--balance', '20.00'])
    const { stdout, code } = await home.run(['balance'])
    expect([code, stdout]).toEqual([0, expect.stringMatching(/~20\.00 CNY {2}estimated/)])
    expect(upstream.requests).toHaveLength(0)
  })

  it('balance --refresh exits with 3 when the upstream does not answer', async () => {
    using home = homeOf([])
    await home.run(['add', fakeKey('fine')])
    const { code, stderr } = await home.run(['balance', '--refresh', '--base-url', 'http://127.0.0.1:1'])
    expect([code, stderr]).toEqual([3, expect.stringContaining('reported no balance for 1 account')])
  })

  it('balance exits with 2 when the pool has no key', async () => {
    using home = createHome()
    expect((await home.run(['balance'])).code).toBe(2)
  })
})

describe('check of a large file', () => {
  it('check of a large file needs no more memory than check of a small one', async () => {
    using home = createHome()
    const lines = Array.from({ length: 200_000 }, (_, index) => `broken ${index}`)
    lines.splice(100_000, 0, fakeKey('fine'), fakeKey('fine'))
    writeFileSync(home.path('keys.txt'), lines.join('\n'))
    const { code, stdout, stderr } = await home.run(
      ['check', 'keys.txt', '--format', 'jsonl', '--base-url', upstream.sites.cn.baseURL],
      { environment: { NODE_OPTIONS: '--max-old-space-size=64' } },
    )
    expect(code).toBe(1)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain('199,990 more lines without a key')
    expect(stderr).toContain('1 duplicate counted once; 200,000 lines without a key')
  })
})

describe('scheduled checks of serve', () => {
  it('serve asks for the balance of a key after the number of calls in AUTO_QUERY_BALANCE_AFTER_CALLS', async () => {
    upstream.settings.update({ regime: 'classic' })
    using home = homeOf([])
    await home.run(['add', fakeKey('fine')])
    const environment = { AUTO_QUERY_BALANCE_AFTER_CALLS: '2' }
    await using served = await startServer(home, { upstream, args: [], options: { environment } })
    await served.chat()
    expect(upstream.requests.map(({ path }) => path)).not.toContain('/v1/user/info')
    await served.chat()
    await expect.poll(() => upstream.requests.map(({ path }) => path)).toContain('/v1/user/info')
  })
})
