import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { serving } from '../testing/serving.js'

beforeAll(ensureBuilt)

const listOf = (models: object) => ({
  date: '2026-11-01',
  source: 'my contract',
  sites: { cn: { currency: 'CNY', models } },
})

const list = listOf({ 'a/chat': { input: '4', output: '6' }, 'a/free': 'free' })

function held(home: Home): string {
  const folder = home.path('.config/sfpool')
  mkdirSync(folder, { recursive: true })
  return `${folder}/prices.json`
}

describe('prices --from with a wrong price list', () => {
  const wrong: readonly (readonly [what: string, code: number, message: string, RequestListener])[] = [
    ['that is not there', 3, 'HTTP 404', (_, response) => response.writeHead(404).end()],
    ['that is a page', 2, 'is a web page', (_, response) => response.end('<!doctype html><html></html>')],
    [
      'that is half JSON',
      2,
      'neither JSON nor YAML',
      (_, response) => response.end(JSON.stringify(list).slice(0, 60)),
    ],
    [
      'that breaks off',
      3,
      'cannot read',
      (_, response) => {
        response.writeHead(200, { 'content-length': 1_000 }).write('{')
        setImmediate(() => response.destroy())
      },
    ],
    [
      'that is huge',
      2,
      'more than 16,000,000 bytes',
      (_, response) => {
        const chunk = Buffer.alloc(1_000_000, 32)
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
        }
        response.on('drain', more)
        more()
      },
    ],
    ['that is empty', 2, 'is empty', (_, response) => response.end()],
    [
      'that is no text',
      2,
      'is not UTF-8 text',
      (_, response) => response.end(Buffer.from([0xff, 0xfe, 0x80])),
    ],
    [
      'of another shape',
      2,
      'prices must be an object of date, source and sites',
      (_, response) => response.end('[1, 2]'),
    ],
    [
      'with a wrong price',
      2,
      'prices.sites.cn.models.a/b.input must be a decimal string',
      (_, response) => response.end(JSON.stringify(listOf({ 'a/b': { input: -1 } }))),
    ],
    [
      'of another provider',
      2,
      'prices.sites must be of cn, com; received "eu"',
      (_, response) => response.end(JSON.stringify({ ...list, sites: { eu: list.sites.cn } })),
    ],
    ['without a model', 2, 'has no model', (_, response) => response.end(JSON.stringify(listOf({})))],
    [
      'whose table is not understood',
      2,
      'no price in 1 item',
      (_, response) => response.end(JSON.stringify([{ playgroundName: 'a/chat' }])),
    ],
    [
      'in redirects without end',
      3,
      'cannot read',
      (_, response) => response.writeHead(302, { location: '/' }).end(),
    ],
    [
      'behind a redirect to a file',
      3,
      'cannot read',
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    ],
  ]

  it.each(wrong)(
    'a price list %s makes prices exit with %d and leaves the file unchanged',
    async (_, expected, message, listener) => {
      using home = createHome()
      const before = `${JSON.stringify(list)}\n`
      writeFileSync(held(home), before)
      const { code, stdout, stderr } = await home.run(['prices', '--from', `${await serving(listener)}/`])
      expect(stderr).toContain(message)
      expect(stdout).toBe('')
      expect(code).toBe(expected)
      expect(readFileSync(held(home), 'utf8')).toBe(before)
      expect(readdirSync(home.path('.config/sfpool'))).toEqual(['prices.json'])
    },
  )

  it.each([
    [['--from', 'file:///etc/hosts'], 2, 'must be an http or https URL, a file, or -'],
    [['--from', 'nothing.json'], 2, 'nothing.json: there is no such file'],
    [['--from', 'http://127.0.0.1:9/'], 3, 'cannot read http://127.0.0.1:9/'],
    [['--from', '-', '--site', 'com'], 2, 'no prices for the site com, only for cn'],
  ])('prices %j exits with %d', async (args, expected, message) => {
    using home = createHome()
    const { code, stderr } = await home.run(['prices', ...args], { input: JSON.stringify(list) })
    expect(stderr).toContain(message)
    expect(code).toBe(expected)
    expect(existsSync(home.path('.config/sfpool/prices.json'))).toBe(false)
  })

  it('prices does not overwrite a file that is not a price list', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), 'no list of prices\n')
    const environment = { SFPOOL_PRICES: 'keys.txt' }
    const input = JSON.stringify(list)
    const { code, stderr } = await home.run(['prices', '--from', '-'], { input, environment })
    expect(code).toBe(2)
    expect(stderr).toContain('The file is not overwritten')
    expect(readFileSync(home.path('keys.txt'), 'utf8')).toBe('no list of prices\n')
  })

  it.each(['list', 'stats', 'balance', 'explain', 'check', 'serve', 'prices'])(
    'a wrong price file stops %s, which names the file',
    async (command) => {
      using home = createHome()
      writeFileSync(held(home), JSON.stringify({ ...list, sites: 3 }))
      const { code, stderr } = await home.run([command])
      expect(code).toBe(2)
      expect(stderr).toContain(`${held(home)}: prices.sites must be an object by site`)
    },
  )
})
