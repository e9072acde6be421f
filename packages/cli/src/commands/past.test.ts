import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home, type Running } from '../testing/run-cli.js'

const scenario = makeScenario({ accounts: 2 })
const model = 'Qwen/Qwen3-8B'
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario })
  await ensureBuilt()
})
afterAll(() => upstream.close())

/** Starts a server with an admin key that has answered three requests. */
async function busyServer(home: Home): Promise<{ running: Running; origin: string }> {
  await home.run(['add', ...keysOf(scenario)])
  const flags = [
    '--base-url',
    upstream.sites.cn.baseURL,
    '--admin-key',
    'the-admin-key',
    '--client-key',
    'the-client-key',
  ]
  const running = home.start(['serve', '--port', '0', ...flags])
  const [, origin = ''] = await running.seen(/listening on (http:\S+)/)
  for (let index = 0; index < 3; index++) {
    await fetch(`${origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer the-client-key' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
    }).then((response) => response.text())
  }
  return { running, origin }
}

const ended = async (running: Running): Promise<void> => {
  running.kill('SIGTERM')
  await running.ended
}

describe('stats of a window', () => {
  it('a running server tells its figures of a window by model, with rates', async () => {
    using home = createHome()
    const { running, origin } = await busyServer(home)
    await using _ = running
    const command = [
      'stats',
      '--window',
      '5m',
      '--by',
      'model',
      '--url',
      origin,
      '--admin-key',
      'the-admin-key',
    ]
    const { code, stdout } = await home.run(command)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^REQUESTS {2}3 in 5m, /)
    expect(stdout).toMatch(/^NOW {7}3 RPM, \d+ TPM, 0 IPM$/m)
    expect(stdout).toMatch(/^Qwen\/Qwen3-8B +3 +\d+/m)
    const json = JSON.parse((await home.run([...command, '--json'])).stdout)
    expect(json).toMatchObject({
      window: '5m',
      by: 'model',
      rows: [{ name: model, requests: 3, errors: 0, tokens: expect.any(Number), cost: expect.any(String) }],
      total: { requests: 3 },
      rates: { rpm: 3 },
    })
    expect(Object.keys(json).slice(0, 3)).toEqual(['window', 'by', 'rows'])
  })

  it('the store tells the same when the server has gone, by masked key', async () => {
    using home = createHome()
    const { running } = await busyServer(home)
    await ended(running)
    const { stdout } = await home.run(['stats', '--window', '24h', '--json'])
    const { rows, by, total } = JSON.parse(stdout)
    expect([by, total.requests]).toEqual(['key', 3])
    expect(rows.reduce((sum: number, { requests }: { requests: number }) => sum + requests, 0)).toBe(3)
    for (const { key } of rows) expect(key).toMatch(/^sk-\S+…\S+$/)
    for (const secret of keysOf(scenario)) expect(stdout).not.toContain(secret)
    const { stdout: text } = await home.run(['stats', '--by', 'client'])
    expect(text).toMatch(/^REQUESTS {2}3 in 1h, /)
  })

  it.each([
    [['--window', 'soon'], /--window must be a length of time such as 5m.*received "soon"/],
    [['--by', 'weather'], /--by must be one of key, account, model, client; received "weather"/],
  ])('stats %j is refused with option, rule and value', async (flags, message) => {
    using home = createHome()
    expect(await home.run(['stats', ...flags])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message),
    })
  })

  it('without the admin key the server tells no window, and the command says which key it wants', async () => {
    using home = createHome()
    const { running, origin } = await busyServer(home)
    await using _ = running
    const { code, stderr } = await home.run(['stats', '--by', 'client', '--url', origin])
    expect(code).toBe(2)
    expect(stderr).toContain('--admin-key')
  })

  it('stats --window --watch prints again until it is interrupted', async () => {
    using home = createHome()
    const { running, origin } = await busyServer(home)
    await using _ = running
    const flags = ['--window', '5m', '--url', origin, '--admin-key', 'the-admin-key', '--watch', '--json']
    await using watching = home.start(['stats', ...flags])
    await watching.seen(/(\{.*\}\n){2}/)
    watching.kill('SIGINT')
    expect(await watching.ended).toMatchObject({ code: 130, stderr: '' })
  })
})

describe('usage', () => {
  it('usage shows the days of the store, in a table, as CSV and as JSON', async () => {
    using home = createHome()
    const { running } = await busyServer(home)
    await ended(running)
    const table = await home.run(['usage', '--by', 'day,model'])
    expect(table.code).toBe(0)
    expect(table.stdout).toMatch(/^DAY +MODEL +REQUESTS/)
    expect(table.stdout).toMatch(/^\d{4}-\d\d-\d\d +Qwen\/Qwen3-8B +3 /m)
    const csv = await home.run(['usage', '--by', 'model', '--format', 'csv'])
    const [head, line] = csv.stdout.trim().split('\n')
    expect(head).toBe(
      'model,requests,successes,promptTokens,completionTokens,cachedTokens,reasoningTokens,images,cost,currency,unknownCosts',
    )
    expect(line).toMatch(/^Qwen\/Qwen3-8B,3,3,\d+,\d+,0,\d+,0,\d+\.\d+,CNY,0$/)
    const { from, to, rows } = JSON.parse((await home.run(['usage', '--days', '7', '--json'])).stdout)
    expect((Date.parse(to) - Date.parse(from)) / 86_400_000).toBe(6)
    expect(rows).toMatchObject([{ day: to, requests: 3 }])
    const byKey = await home.run(['usage', '--by', 'key'])
    expect(byKey.stdout).toMatch(/^sk-\S+…\S+ /m)
  })

  it.each([
    [['--days', '0'], /--days must be a whole number of days, from 1 to 400; received "0"/],
    [['--from', '2026-13-01'], /--from must be a day such as 2026-10-05/],
    [['--from', '2026-10-05', '--to', '2026-10-04'], /--from 2026-10-05 comes after --to 2026-10-04/],
    [['--by', 'key,model'], /--by cannot mix keys or accounts with models or clients/],
    [['--format', 'xml'], /--format must be one of table, csv, json; received "xml"/],
  ])('usage %j is refused with option, rule and value', async (flags, message) => {
    using home = createHome()
    await home.run(['add', ...keysOf(scenario)])
    expect(await home.run(['usage', ...flags])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(message),
    })
  })
})
