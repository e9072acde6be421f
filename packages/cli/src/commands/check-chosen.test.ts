import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { demoScenario, keysOf, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHome, type Home } from '../testing/run-cli.js'

const scenario = demoScenario()
const keys = keysOf(scenario, 'cn')
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario })
})
afterAll(() => upstream.close())

const check = (home: Home, ...args: string[]) =>
  home.run(['check', '--base-url', upstream.sites.cn.baseURL, ...args])

interface Report {
  readonly summary: { total: number; valid: number; invalid: number }
  readonly results: { verdict: string; label: string | null }[]
}

const reportOf = async (home: Home, ...args: string[]): Promise<Report> =>
  JSON.parse((await check(home, ...args, '--json')).stdout)

async function storedHome(): Promise<Home> {
  const home = createHome()
  await home.run(['add', ...keys.slice(0, -1)])
  await home.run(['add', keys.at(-1) ?? '', '--label', 'bad-one'])
  return home
}

describe('check of chosen keys', () => {
  it('asks for the stored keys that are named, and for no others', async () => {
    using home = await storedHome()
    const before = upstream.requests.length
    const { summary, results } = await reportOf(home, 'bad-one', keys[0] ?? '')
    expect(summary.total).toBe(2)
    expect(results.map(({ label }) => label)).toEqual([null, 'bad-one'])
    expect(upstream.requests.length - before).toBeLessThanOrEqual(4)
  })

  it('takes a single word for a file where there is one, and for a key otherwise', async () => {
    using home = await storedHome()
    writeFileSync(home.path('bad-one'), keys[0] ?? '')
    expect((await reportOf(home, 'bad-one')).results).toMatchObject([{ verdict: 'valid', label: null }])
    using other = await storedHome()
    expect((await reportOf(other, 'bad-one')).results).toMatchObject([
      { verdict: 'invalid', label: 'bad-one' },
    ])
  })

  it.each([
    ['nobody', /No key matches/],
    ['missing.txt', /cannot read .*missing\.txt: there is no such file/],
  ])('says what is wrong with %s', async (word, reason) => {
    using home = await storedHome()
    const { code, stderr } = await check(home, word)
    expect(code).toBe(2)
    expect(stderr).toMatch(reason)
  })

  it('prints only the bad or only the good keys, and counts all', async () => {
    using home = await storedHome()
    const bad = await reportOf(home, '--only', 'bad')
    const good = await reportOf(home, '--only', 'good')
    expect(bad.summary).toEqual(good.summary)
    expect(bad.summary.total).toBe(keys.length)
    expect(bad.results.map(({ verdict }) => verdict)).not.toContain('valid')
    expect(new Set(good.results.map(({ verdict }) => verdict))).toEqual(new Set(['valid']))
    expect(bad.results.length + good.results.length).toBe(keys.length)
    expect((await check(home, '--only', 'bad', '--format', 'jsonl')).stdout.trim().split('\n')).toHaveLength(
      bad.results.length,
    )
  })

  it('writes the good keys whole to a file for its owner alone, and prints none of them', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), keys.join('\n'))
    const { stdout, stderr } = await check(home, 'keys.txt', '--export-good', 'good.txt')
    const good = readFileSync(home.path('good.txt'), 'utf8').trim().split('\n')
    expect(statSync(home.path('good.txt')).mode & 0o777).toBe(0o600)
    expect(good.length).toBeGreaterThan(0)
    expect(good.length).toBeLessThan(keys.length)
    for (const key of good) {
      expect(keys).toContain(key)
      expect(stdout + stderr).not.toContain(key)
    }
    expect(stderr).toMatch(/5 good keys in .*good\.txt/)
    expect((await check(home, 'good.txt')).code).toBe(0)
  })

  it('does not write the good keys over the file that it reads', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), keys.join('\n'))
    const { code, stderr } = await check(home, 'keys.txt', '--export-good', './keys.txt')
    expect(code).toBe(2)
    expect(stderr).toContain('--export-good names the key file itself, which would be overwritten')
    expect(readFileSync(home.path('keys.txt'), 'utf8')).toBe(keys.join('\n'))
  })
})
