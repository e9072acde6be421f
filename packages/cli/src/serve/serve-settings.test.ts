import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { siliconflow } from '@sfpool/core'
import { afterAll, describe, expect, it } from 'vitest'
import { commandSpecs } from '../command-specs.js'
import { catalogue } from '../config/catalogue.js'
import { logSettings } from '../config/log-settings.js'
import { policySettings } from '../config/policy-catalogue.js'
import { resolveSettings, type Source } from '../config/resolve.js'
import { type Setting, variableName } from '../config/setting.js'
import type { SettingName, Settings } from '../config/settings.js'
import { environmentSource, fileSource, flagSource } from '../config/sources.js'
import { outboundOptions } from '../pool/outbound-options.js'
import { poolOptions } from '../pool/pool-options.js'
import { accessKeys } from './access-keys.js'
import { gatewayOptions } from './gateway-options.js'

const directory = mkdtempSync(join(tmpdir(), 'sfpool-settings-'))
afterAll(() => rmSync(directory, { recursive: true }))
for (const name of ['client.txt', 'admin.txt', 'ca.pem']) writeFileSync(join(directory, name), `from-${name}`)

const serveSettings = commandSpecs.find(({ usage }) => usage === 'serve')?.settings ?? []

/** What a server is made of. */
async function made(sources: Source[]): Promise<object> {
  const settings = resolveSettings(serveSettings, sources).settings as Settings
  const { timeouts, checks, proxy, ...pool } = {
    ...poolOptions(settings, siliconflow),
    ...(await outboundOptions({ settings })),
  }
  const { reloadKeys: _, ...gateway } = gatewayOptions(settings, await accessKeys(settings), async () => 0)
  const { host, port, keys, shutdownTimeout, demo } = settings
  const log = logSettings(settings)
  return {
    settings: { host, port, keys, shutdownTimeout, demo },
    pool,
    timeouts,
    checks,
    proxy,
    gateway,
    log,
  }
}

/** A value as it is written, and what becomes of it. No two numbers are the same, so that no two can be swapped. */
type Case = readonly [written: string, becomes: object]
const policies = new Set<string>(policySettings.filter((name) => name !== 'timeouts' && name !== 'strategy'))
const cases: Partial<Record<SettingName, Case>> = {
  host: ['::1', { settings: { host: '::1' } }],
  port: ['4001', { settings: { port: 4001 } }],
  baseUrl: ['https://a.example/v1', { pool: { baseURL: 'https://a.example/v1' } }],
  provider: ['deepseek', { pool: { provider: 'deepseek' } }],
  site: ['com', { pool: { site: 'com' } }],
  sites: ['{"cn":"http://a.example"}', { pool: { provider: { name: 'siliconflow' } } }],
  keys: ['keys.txt', { settings: { keys: join(directory, 'keys.txt') } }],
  clientKey: ['a-client-key', { gateway: { clientKeys: ['a-client-key'], localOnly: false } }],
  clientKeyFile: ['client.txt', { gateway: { clientKeys: ['from-client.txt'] } }],
  adminKey: ['an-admin-key', { gateway: { adminKey: 'an-admin-key' } }],
  adminKeyFile: ['admin.txt', { gateway: { adminKey: 'from-admin.txt' } }],
  cors: ['https://app.example', { gateway: { cors: ['https://app.example'] } }],
  strategy: ['random', { pool: { strategy: 'random' } }],
  timeouts: ['{"idle":4002}', { timeouts: { idle: 4002 } }],
  timeoutConnect: ['4003', { timeouts: { connect: 4003 } }],
  timeoutFirstByte: ['4004', { timeouts: { firstByte: 4004 } }],
  timeoutFirstOutput: ['4005', { timeouts: { firstOutput: 4005 } }],
  timeoutIdle: ['4006', { timeouts: { idle: 4006 } }],
  timeoutStalled: ['4007', { timeouts: { stalled: 4007 } }],
  timeoutTotal: ['4008', { timeouts: { total: 4008 } }],
  checkEvery: ['4009', { checks: { everyMs: 4009 } }],
  checkAfterCalls: ['4010', { checks: { afterCalls: 4010 } }],
  checks: ['{"jitter":0.5}', { checks: { jitter: 0.5 } }],
  maxBody: ['4011', { gateway: { maxBody: 4011 } }],
  sendTimeout: ['4012', { gateway: { sendTimeoutMs: 4012 } }],
  bodyTimeout: ['4013', { gateway: { bodyTimeoutMs: 4013 } }],
  bodyMinRate: ['4017', { gateway: { bodyMinRate: 4017 } }],
  bufferBudget: ['400014', { pool: { bufferBudget: 400_014 } }],
  proxy: ['http://a.example', { proxy: { https: 'http://a.example', http: 'http://a.example' } }],
  ca: ['ca.pem', { pool: { ca: 'from-ca.pem' } }],
  shutdownTimeout: ['4015', { settings: { shutdownTimeout: 4015 } }],
  logLevel: ['debug', { log: { app: { level: 'debug' } } }],
  logFormat: ['json', { log: { format: 'json' } }],
  logFile: ['a.log', { log: { app: { file: join(directory, 'a.log') } } }],
  logSize: ['4016', { log: { app: { size: 4016 } } }],
  logCount: ['17', { log: { app: { count: 17 } } }],
  logKeep: ['{"rows":18}', { pool: { log: { keep: { rows: 18 } } } }],
  log: [
    '{"file":"b.log","size":4019,"count":20,"keep":false}',
    {
      log: { app: { file: join(directory, 'b.log'), size: 4_019, count: 20 } },
      pool: { log: { keep: false } },
    },
  ],
  trace: ['true', { gateway: { trace: true } }],
  demo: ['true', { settings: { demo: true } }],
}
for (const name of policies)
  cases[name as SettingName] =
    name === 'minBalance'
      ? ['12.50', { pool: { minBalance: '12.50' } }]
      : ['{"a":1}', { pool: { [name]: { a: 1 } } }]
cases.prices = ['{"a":1}', { pool: { prices: { a: 1 } } }]
cases.selected = ['["a"]', { pool: { selected: ['a'] } }]

describe('every setting of serve', () => {
  it('every setting of serve has a case here', () => {
    expect(Object.keys(cases).toSorted()).toEqual(serveSettings.toSorted())
  })

  it.each(serveSettings)('%s reaches the server from a flag, a variable and a file', async (name) => {
    const [written, becomes] = cases[name] ?? ['', {}]
    const setting: Setting<unknown> = catalogue[name]
    const fromFile = /^[{[]|^(true|\d+)$/.test(written) ? JSON.parse(written) : written
    const sources = [
      environmentSource({ [variableName(setting)]: written }, directory),
      fileSource(join(directory, 'sfpool.config.json'), { [name]: fromFile }),
      ...(setting.hasNoFlag === true ? [] : [flagSource({ [name]: written }, directory)]),
    ]
    const without = await made([])
    expect(without).not.toMatchObject(becomes)
    for (const source of sources) expect(await made([source])).toMatchObject(becomes)
  })
})
