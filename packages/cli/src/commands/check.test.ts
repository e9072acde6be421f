import { linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { demoScenario, keysOf, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'

const scenario = demoScenario()
const keys = keysOf(scenario, 'cn')
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario })
  await ensureBuilt()
})
afterEach(() => upstream.faults.clear())
afterAll(() => upstream.close())

const check = (home: Home, ...args: string[]) =>
  home.run(['check', '--base-url', upstream.sites.cn.baseURL, ...args])

function homeWithFile(lines: readonly string[]): Home {
  const home = createHome()
  writeFileSync(home.path('keys.txt'), lines.join('\n'))
  return home
}

describe('check of a file', () => {
  it('check of a file gives every key a verdict and its line, and counts skipped lines', async () => {
    using home = homeWithFile(['# ours', ...keys, keys[0] ?? '', 'oops'])
    const { code, stdout, stderr } = await check(home, 'keys.txt', '--json')
    expect(code).toBe(1)
    const { summary, results, rejected } = JSON.parse(stdout)
    expect(summary).toEqual({
      ...{ total: 7, valid: 5, invalid: 1, exhausted: 0, restricted: 0, disabled: 1, 'wrong-site': 0 },
      ...{ limited: 0, unknown: 0, duplicates: 1, rejected: 1, low: 0, resumed: 0 },
    })
    expect(results.map(({ line }: { line: number }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8])
    expect(results.at(-1)).toMatchObject({
      verdict: 'invalid',
      reason: expect.stringContaining('401'),
      balance: null,
    })
    expect(rejected).toEqual([{ line: 10, reason: expect.any(String) }])
    expect(stderr).toContain('line 10 skipped')
  })

  it('check of a file fails when a line holds no key, even if every key is good', async () => {
    using home = homeWithFile([keys[0] ?? '', 'oops'])
    const { code, stderr } = await check(home, 'keys.txt')
    expect(stderr).toContain('line 2 skipped')
    expect(code).toBe(1)
  })

  it('check of a file does not change the store', async () => {
    using home = homeWithFile(keys)
    await check(home, 'keys.txt')
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).total).toBe(0)
  })

  it('check reads standard input for -', async () => {
    using home = createHome()
    const args = ['check', '-', '--base-url', upstream.sites.cn.baseURL, '--format', 'jsonl']
    const { code, stdout } = await home.run(args, { input: keys[0] ?? '' })
    expect([code, JSON.parse(stdout).verdict]).toEqual([0, 'valid'])
  })

  it('check prints a table on standard output and the summary on standard error', async () => {
    using home = homeWithFile(keys)
    const { stdout, stderr } = await check(home, 'keys.txt')
    expect(stdout).toMatch(/^LINE {2}KEY +VERDICT +REASON\n/)
    expect(stdout).toMatch(/ {3}7 {2}sk-de…\w{4} {2}invalid +Token is invalid\. \(HTTP 401/)
    expect(stderr).toMatch(
      /^1 invalid {3}Remove the key, .*\n1 disabled {2}Ask the provider .*\n7 keys: 5 valid, /,
    )
  })

  it('check --output writes results without secrets', async () => {
    using home = homeWithFile(keys)
    const { stdout } = await check(home, 'keys.txt', '--format', 'jsonl', '--output', 'results.jsonl')
    expect(stdout).toBe('')
    const written = readFileSync(home.path('results.jsonl'), 'utf8')
    expect(written.trim().split('\n')).toHaveLength(7)
    for (const key of keys) expect(written).not.toContain(key)
  })

  it('check refuses to overwrite the key file, also through a link', async () => {
    using home = homeWithFile(keys)
    linkSync(home.path('keys.txt'), home.path('other-name.txt'))
    symlinkSync(home.path('keys.txt'), home.path('link.txt'))
    for (const output of ['keys.txt', './keys.txt', 'other-name.txt', 'link.txt']) {
      const { code, stderr } = await check(home, 'keys.txt', '--output', output)
      expect(code).toBe(2)
      expect(stderr).toContain('--output names the key file')
    }
    expect(readFileSync(home.path('keys.txt'), 'utf8')).toBe(keys.join('\n'))
  })

  it('check --resume appends to the same output file, also through a link', async () => {
    using home = homeWithFile(keys)
    const half = [
      'check',
      '-',
      '--base-url',
      upstream.sites.cn.baseURL,
      '--format',
      'jsonl',
      '--output',
      'done.jsonl',
    ]
    await home.run(half, { input: `${keys.slice(0, 3).join('\n')}\n` })
    symlinkSync(home.path('done.jsonl'), home.path('link.jsonl'))
    await check(home, 'keys.txt', '--format', 'jsonl', '--output', 'done.jsonl', '--resume', 'link.jsonl')
    expect(readFileSync(home.path('done.jsonl'), 'utf8').trim().split('\n')).toHaveLength(7)
  })

  it('check of a file without a key exits with 2', async () => {
    using home = homeWithFile(['# nothing'])
    expect(await check(home, 'keys.txt')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no key to check'),
    })
    expect((await check(home, 'missing.txt')).code).toBe(2)
    writeFileSync(home.path('keys.txt'), 'oops\n')
    expect(await check(home, 'keys.txt')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^line 1 skipped: .*\nerror: there is no key to check; 1 line without a key/,
      ),
    })
  })
})

describe('check of the store', () => {
  it('check of the store checks the stored keys and updates their state', async () => {
    using home = homeWithFile(keys)
    await home.run(['add', '-f', 'keys.txt'])
    const { code, stdout } = await check(home, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout).results[0]).toMatchObject({
      line: null,
      id: expect.any(String),
      verdict: 'valid',
    })
    const { items } = JSON.parse((await home.run(['list', '--status', 'invalid', '--json'])).stdout)
    expect(items).toHaveLength(2)
  })

  it('check of the store also checks keys of the environment and does not store them', async () => {
    using home = createHome()
    const environment = {
      SILICONFLOW_API_KEY_1: keys[0] ?? '',
      SILICONFLOW_BASE_URL: upstream.sites.cn.baseURL,
    }
    const { code, stdout, stderr } = await home.run(['check', '--json'], { environment })
    expect(code).toBe(0)
    expect(stderr).toContain(`upstream ${upstream.sites.cn.baseURL} (from SILICONFLOW_BASE_URL)`)
    expect(JSON.parse(stdout).results).toMatchObject([{ label: 'SILICONFLOW_API_KEY_1', verdict: 'valid' }])
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).total).toBe(0)
  })

  it('check of an empty store exits with 2 and a hint', async () => {
    using home = createHome()
    expect(await check(home)).toMatchObject({ code: 2, stderr: expect.stringContaining('sfpool add') })
  })
})

describe('check of a failing upstream', () => {
  it('check retries a failing upstream --retries times, then exits with 3', async () => {
    using home = homeWithFile(keys.slice(0, 1))
    upstream.faults.add({ fault: { kind: 'error', name: 'overloaded' } })
    upstream.clearRequests()
    const { code, stdout } = await check(home, 'keys.txt', '--retries', '1', '--json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout).results[0].verdict).toBe('unknown')
    expect(upstream.requests).toHaveLength(2)
  })

  it('check gives up an attempt after --timeout', async () => {
    using home = homeWithFile(keys.slice(0, 1))
    upstream.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const { code, stdout } = await check(home, 'keys.txt', '--retries', '0', '--timeout', '100', '--json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout).results[0].verdict).toBe('unknown')
  })
})

describe('an interrupted check', () => {
  it('an interrupted check prints the results so far and exits with 130', async () => {
    using home = homeWithFile(keys)
    upstream.faults.add({ fault: { kind: 'hang', at: 'before-headers' }, skip: 3 })
    const args = [
      'check',
      'keys.txt',
      '--base-url',
      upstream.sites.cn.baseURL,
      '--concurrency',
      '1',
      '--format',
      'jsonl',
    ]
    await using running = home.start(args)
    await running.seen(/(.*\n){3}/)
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.ended
    expect(code).toBe(130)
    expect(stdout.trim().split('\n')).toHaveLength(3)
    expect(stderr).toContain('interrupted; 4 keys not checked')
  })

  it('an interrupted check with --json prints a complete JSON document', async () => {
    using home = homeWithFile(keys)
    upstream.faults.add({ fault: { kind: 'hang', at: 'before-headers' }, skip: 2 })
    upstream.clearRequests()
    await using running = home.start([
      'check',
      'keys.txt',
      '--base-url',
      upstream.sites.cn.baseURL,
      '--concurrency',
      '1',
      '--json',
    ])
    await expect.poll(() => upstream.requests.length).toBe(3)
    running.kill('SIGTERM')
    const { code, stdout } = await running.ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout).summary.total).toBe(2)
  })
})
