import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { siliconflowPrices } from '@sfpool/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { serving } from '../testing/serving.js'

beforeAll(ensureBuilt)

const listOf = (models: object, date = '2026-11-01') => ({
  date,
  source: 'my contract',
  sites: { cn: { currency: 'CNY', models } },
})

const list = listOf({ 'a/chat': { input: '4', output: '6' }, 'a/free': 'free' })

const crawled = {
  pricingApiItems: [
    {
      ...{ playgroundName: 'a/chat', componentCode: 'input-tokens', unitZhCnName: 'K tokens' },
      ...{ objectName: 'maas.a/chat.input-tokens', realTimePriceCnyUnit: '0.004000' },
      ...{ price_scenario: '刊例价', payloadBizText: 'online' },
    },
  ],
}

function held(home: Home): string {
  const folder = home.path('.config/sfpool')
  mkdirSync(folder, { recursive: true })
  return `${folder}/prices.json`
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))

describe('prices', () => {
  it('prices shows the built-in list when there is no other', async () => {
    using home = createHome()
    const { code, stdout } = await home.run(['prices'])
    expect(code).toBe(0)
    expect(stdout).toContain(`PRICES OF ${siliconflowPrices.date} (the list that comes with sfpool)`)
    expect(stdout).toContain('cn, in CNY, hours of UTC+08:00')
    expect(stdout).toMatch(/^Qwen\/Qwen3-8B +free$/m)
    expect(stdout).toMatch(/^deepseek-ai\/DeepSeek-V4-Flash +02:00-08:00 +1\.5 +0\.15 +4\.5$/m)
    expect(stdout).toMatch(/^\* +2\/video, 0\.05\/1000 bytes of speech$/m)
    expect(stdout).toMatch(/^Qwen\/Qwen3-8B +0\.06 +0\.06 +0\.06$/m)
    expect(existsSync(home.path('.config/sfpool/pool.db'))).toBe(false)
  })

  it('prices --json prints a list that prices --from accepts, limited to one site by --site', async () => {
    using home = createHome()
    const { stdout } = await home.run(['prices', '--json', '--site', 'com'])
    expect(JSON.parse(stdout)).toEqual({
      ...siliconflowPrices,
      sites: { com: siliconflowPrices.sites.com },
    })
    expect((await home.run(['prices', '--from', '-'], { input: stdout })).code).toBe(0)
  })

  it("prices shows the user's own list first, then the remaining models of the built-in list", async () => {
    using home = createHome()
    writeFileSync(held(home), JSON.stringify(listOf({ 'Qwen/*': { input: '1', output: '2.50' } })))
    const { stdout } = await home.run(['prices', '--site', 'cn'])
    const [own = '', others = ''] = stdout.split('OTHERS, OF')
    expect(own).toContain(`PRICES OF 2026-11-01 (${held(home)})\nfrom my contract`)
    expect(own).toMatch(/^Qwen\/\* +1 +1 +2\.5$/m)
    expect(others).toContain('BAAI/bge-m3')
    expect(others).not.toContain('Qwen/')
  })
})

describe('prices --from', () => {
  it('prices --from imports a list from a URL with a redirect and reports the changes', async () => {
    using home = createHome()
    writeFileSync(
      held(home),
      JSON.stringify(listOf({ 'a/chat': { input: '3' }, 'a/free': 'free', 'a/old': 'free' }, '2026-10-01')),
    )
    const url = await serving((request, response) => {
      if (request.url === '/old') response.writeHead(302, { location: '/new' }).end()
      else
        response.end(
          JSON.stringify({
            ...list,
            sites: {
              cn: {
                currency: 'CNY',
                models: {
                  ...list.sites.cn.models,
                  'a/new': { image: 0.3 },
                },
              },
            },
          }),
        )
    })
    const { code, stdout, stderr } = await home.run(['prices', '--from', `${url}/old`, '--verbose'])
    expect(code).toBe(0)
    expect(stdout).toBe(`${held(home)}: 1 model new, 1 changed, 1 gone; 2026-10-01 -> 2026-11-01\n`)
    expect(stderr).toContain('new      cn a/new\nchanged  cn a/chat\ngone     cn a/old\n')
    expect(read(held(home)).sites.cn.models['a/new']).toEqual({ image: '0.3' })
    expect(statSync(held(home)).mode & 0o777).toBe(0o644)
    expect(readdirSync(home.path('.config/sfpool'))).toEqual(['prices.json'])
  })

  it("prices --from converts the table of SiliconFlow's page and dates it by the server's last-modified", async () => {
    using home = createHome()
    const url = await serving((_, response) => {
      response.setHeader('last-modified', 'Tue, 21 Jul 2026 20:00:00 GMT')
      response.end(JSON.stringify(crawled))
    })
    const { stdout } = await home.run(['prices', '--json', '--from', `${url}/items.json?token=canary`])
    expect(JSON.parse(stdout)).toMatchObject({
      before: null,
      after: { date: '2026-07-22', source: `${url}/items.json` },
      ...{ new: ['cn a/chat'], changed: [], gone: [] },
    })
    expect(read(held(home)).sites.cn.models).toEqual({ 'a/chat': [{ input: '4.000' }] })
  })

  it('prices --from reads YAML lists and tables from a file and from standard input', async () => {
    using home = createHome()
    writeFileSync(
      home.path('mine.yaml'),
      'date: 2026-11-01\nsource: mine\nsites: { cn: { currency: CNY, models: { a: { input: 0.5 } } } }\n',
    )
    expect((await home.run(['prices', '--from', 'mine.yaml'])).code).toBe(0)
    expect(read(held(home))).toMatchObject({
      date: '2026-11-01',
      sites: { cn: { models: { a: { input: '0.5' } } } },
    })
    const input = JSON.stringify(crawled.pricingApiItems)
    expect((await home.run(['prices', '--from', '-'], { input })).code).toBe(0)
    expect(read(held(home))).toMatchObject({ source: 'standard input', sites: { cn: { currency: 'CNY' } } })
  })

  it('prices --from sends the credentials of a URL and prints neither them nor the query', async () => {
    using home = createHome()
    const seen: (string | undefined)[] = []
    let status = 200
    const url = await serving((request, response) => {
      seen.push(request.headers.authorization)
      response.writeHead(status).end(JSON.stringify(crawled))
    })
    const secret = `${url.replace('//', '//me:canary-password@')}/p.json?token=canary-token`
    const outputs: string[] = []
    for (status of [200, 404]) {
      const { code, stdout, stderr } = await home.run(['prices', '--from', secret, '--verbose'])
      expect(code).toBe(status === 200 ? 0 : 3)
      outputs.push(stdout, stderr)
    }
    for (const args of [[secret.replace('http', 'ftp')], [secret.replace('http', 'http://x y')]])
      outputs.push((await home.run(['prices', '--from', ...args])).stderr)
    expect(seen[0]).toBe(`Basic ${Buffer.from('me:canary-password').toString('base64')}`)
    expect(outputs.join('') + readFileSync(held(home), 'utf8')).not.toContain('canary')
  })

  it('prices --from writes to the file of the setting, as YAML for a YAML name, through a link', async () => {
    using home = createHome()
    mkdirSync(home.path('etc'))
    writeFileSync(home.path('etc/real.yaml'), JSON.stringify(list))
    symlinkSync('real.yaml', home.path('etc/prices.yaml'))
    writeFileSync(home.path('etc/settings.yaml'), 'prices: prices.yaml\n')
    const args = ['--config', 'etc/settings.yaml', 'prices']
    const input = JSON.stringify(listOf({ 'a/chat': { input: '5' } }))
    const { stdout } = await home.run([...args, '--from', '-'], { input })
    expect(stdout).toContain(`${home.path('etc/prices.yaml')}: 0 models new, 1 changed, 1 gone`)
    expect(readFileSync(home.path('etc/real.yaml'), 'utf8')).toContain('input: "5"')
    expect((await home.run([...args, '--json'])).stdout).toContain('{"input":"5"}')
    expect(existsSync(home.path('.config/sfpool/prices.json'))).toBe(false)
  })

  it('prices --from refuses to update prices that are written in the settings themselves', async () => {
    using home = createHome()
    writeFileSync(home.path('sfpool.config.json'), JSON.stringify({ prices: list }))
    const { code, stderr } = await home.run(['prices', '--from', '-'], { input: JSON.stringify(list) })
    expect(code).toBe(2)
    expect(stderr).toContain('sfpool.config.json at prices')
  })
})
