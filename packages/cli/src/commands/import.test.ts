import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createClient } from '@libsql/client/sqlite3'
import { describe, expect, it } from 'vitest'
import { createHome, type Home } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

const [one, two, three, four] = [testKey('one'), testKey('two'), testKey('three'), testKey('four')] as const

interface Report {
  readonly added: number
  readonly duplicates: number
  readonly rejected: { line: number; reason: string }[]
  readonly keys: Record<string, unknown>[]
  readonly settings: { applied: unknown[]; skipped: { name: string; reason: string }[] }
  readonly from: string
}

const imported = async (home: Home, ...args: string[]): Promise<Report> =>
  JSON.parse((await home.run(['import', ...args, '--json'])).stdout)

interface Shown {
  readonly secret: string
  readonly label: string | null
  readonly enabled: boolean
  readonly status: string
  readonly requests: number
  readonly successes: number
  readonly lastUsedAt: string | null
  readonly weight: number
  readonly balance: { amount: string | null; at: string | null; source: string }
}

const listed = async (home: Home): Promise<Shown[]> =>
  JSON.parse((await home.run(['list', '--reveal', '--json'])).stdout).items

/** Makes an SQLite file of these statements. */
async function database(home: Home, name: string, statements: readonly string[]): Promise<string> {
  const client = createClient({ url: `file:${home.path(name)}` })
  await client.executeMultiple('PRAGMA journal_mode = WAL')
  for (const statement of statements) await client.execute(statement)
  client.close()
  return name
}

/** `internal/config/db_apikeys.go` of FlowSilicon 1.3.9. */
const flowSilicon = [
  `CREATE TABLE apikeys (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE NOT NULL, balance REAL NOT NULL,
    last_used INTEGER NOT NULL, total_calls INTEGER NOT NULL, success_calls INTEGER NOT NULL, success_rate REAL NOT NULL,
    consecutive_failures INTEGER NOT NULL, disabled BOOLEAN NOT NULL, disabled_at INTEGER NOT NULL,
    last_tested INTEGER NOT NULL, rpm INTEGER NOT NULL, tpm INTEGER NOT NULL, score REAL NOT NULL,
    is_delete BOOLEAN NOT NULL, is_used BOOLEAN NOT NULL DEFAULT FALSE)`,
  `INSERT INTO apikeys (key, balance, last_used, total_calls, success_calls, success_rate, consecutive_failures, disabled,
    disabled_at, last_tested, rpm, tpm, score, is_delete) VALUES
    ('${one}', 12.5, 1764000000, 10, 8, 0.8, 0, 0, 0, 1763990000, 0, 0, 0.7, 0),
    ('${two}', 0.3, 0, 0, 0, 0, 0, 1, 1763990000, 1763990000, 0, 0, 0, 0),
    ('${three}', 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)`,
  'CREATE TABLE config (id INTEGER PRIMARY KEY, config_json TEXT, version TEXT)',
  `INSERT INTO config (config_json, version) VALUES ('${JSON.stringify({
    Server: { Port: 3016 },
    ApiProxy: { BaseURL: 'https://api.siliconflow.cn' },
    App: {
      MinBalanceThreshold: 0.8,
      ItemsPerPage: 5,
      ModelKeyStrategies: { 'deepseek-ai/DeepSeek-V3': 2 },
    },
  })}', '1.3.9')`,
]

/** `db/index.js` of siliconflowProxy. */
const siliconflowProxy = [
  `CREATE TABLE api_keys (id INTEGER PRIMARY KEY AUTOINCREMENT, api_key TEXT NOT NULL UNIQUE,
    status TEXT DEFAULT 'active' CHECK(status IN ('active', 'insufficient', 'error')),
    is_available INTEGER DEFAULT 1 CHECK(is_available IN (0, 1)), balance REAL DEFAULT 0, balance_checked_at DATETIME,
    call_count INTEGER DEFAULT 0, created_at DATETIME DEFAULT CURRENT_TIMESTAMP, last_used_at DATETIME,
    error_count INTEGER DEFAULT 0, last_error TEXT)`,
  `INSERT INTO api_keys (api_key, status, is_available, balance, balance_checked_at, call_count, last_used_at,
    error_count, last_error) VALUES
    ('${one}', 'active', 1, 14, '2026-01-02 03:04:05', 20, '2026-01-02 04:00:00', 1, NULL),
    ('${two}', 'insufficient', 0, 0.2, '2026-01-02 03:04:05', 5, '2026-01-02 04:00:00', 0, NULL),
    ('${three}', 'error', 0, 0, '2026-01-02 03:04:05', 3, NULL, 3, 'Request failed with status code 401'),
    ('${four}', 'active', 1, 0, NULL, 0, NULL, 0, NULL)`,
  `CREATE TABLE api_usage (id INTEGER PRIMARY KEY AUTOINCREMENT, api_key_id INTEGER,
    timestamp DATETIME DEFAULT CURRENT_TIMESTAMP, success INTEGER DEFAULT 0, error TEXT)`,
]

/** `siliconflow_db.sql` of Siliconflow-API-Management, as `wrangler d1 export` writes it. */
const d1Dump = `PRAGMA defer_foreign_keys=TRUE;
CREATE TABLE config ( name TEXT PRIMARY KEY, value TEXT NOT NULL );
INSERT INTO "config" VALUES('admin_password','not-to-be-echoed;really');
INSERT INTO "config" VALUES('access_control','restricted');
INSERT INTO "config" VALUES('whitelisted_models','Qwen/Qwen2.5-7B-Instruct');
-- a comment; with a semicolon
CREATE TABLE keys ( key TEXT PRIMARY KEY, balance REAL DEFAULT 0, added TEXT NOT NULL, last_updated TEXT );
INSERT INTO "keys" VALUES('${one}',9.75,'2026-01-01T00:00:00.000Z','2026-02-01T00:00:00.000Z');
INSERT INTO "keys" VALUES('${two}',0,'2026-01-01T00:00:00.000Z',NULL);
`

/** What Siliconflow-API-Management keeps under `keys`. */
const managerKeys = [
  { key: one, balance: 4.2, added: '2026-01-01T00:00:00.000Z', lastUpdated: '2026-02-01T00:00:00.000Z' },
  {
    key: two,
    balance: 0,
    added: '2026-01-01T00:00:00.000Z',
    lastUpdated: '2026-02-01T00:00:00.000Z',
    lastError: 'x',
  },
]

/** What api-pool keeps under `tokens`; its instants are Beijing time. */
const poolTokens = [
  {
    key: one,
    enabled: true,
    addedAt: '2026-01-01 08:00:00',
    lastUsed: '2026-01-02 08:00:00',
    usageCount: 50,
    errorCount: 5,
    consecutiveErrors: 0,
    balance: 7.5,
    lastChecked: '2026-01-02 08:00:00',
  },
  {
    key: two,
    enabled: false,
    addedAt: '2026-01-01 08:00:00',
    lastUsed: null,
    usageCount: 0,
    errorCount: 0,
    balance: null,
  },
]

/** `internal/models/types.go` of gpt-load. */
const gptLoad = [
  `CREATE TABLE groups (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, display_name TEXT, upstreams JSON,
    channel_type TEXT)`,
  `INSERT INTO groups (id, name, display_name, upstreams, channel_type) VALUES
    (1, 'sf', 'Silicon', '[{"url":"https://api.siliconflow.cn","weight":1}]', 'openai'),
    (2, 'oa', '', '[{"url":"https://api.openai.com","weight":1}]', 'openai')`,
  `CREATE TABLE api_keys (id INTEGER PRIMARY KEY AUTOINCREMENT, key_value TEXT, group_id INTEGER, status TEXT,
    request_count INTEGER, failure_count INTEGER, last_used_at DATETIME, created_at DATETIME)`,
  `INSERT INTO api_keys (key_value, group_id, status, request_count, failure_count, last_used_at) VALUES
    ('${one}', 1, 'active', 12, 2, '2026-03-01 10:00:00+00:00'), ('${two}', 2, 'active', 1, 0, NULL),
    ('${'ab'.repeat(60)}', 1, 'active', 1, 0, NULL), ('${three}', 1, 'invalid', 4, 4, NULL)`,
]

/** `model/channel.go` of new-api. */
const newApi = [
  `CREATE TABLE channels (id INTEGER PRIMARY KEY, type INTEGER, key TEXT, status INTEGER, name TEXT, weight INTEGER,
    base_url TEXT, balance REAL, balance_updated_time INTEGER, models TEXT, channel_info JSON)`,
  `INSERT INTO channels (type, key, status, name, weight, base_url, balance, balance_updated_time, channel_info) VALUES
    (40, '${one}', 1, 'first', 3, '', 6.5, 1764000000, NULL),
    (40, '${two}\n${three}', 1, 'pair', 0, '', 0, 0, '{"is_multi_key":true,"multi_key_status_list":{"1":2}}'),
    (1, '${four}', 2, 'own', 0, 'https://api.siliconflow.com', 0, 0, NULL),
    (1, 'sk-of-openai-000000000000', 1, 'other', 0, 'https://api.openai.com', 0, 0, NULL)`,
]

const seconds = (at: number): string => new Date(at * 1_000).toISOString()

describe('import', () => {
  it('takes the keys of FlowSilicon, with balances, counts and switches, and leaves deleted ones out', async () => {
    using home = createHome()
    const file = await database(home, 'config.db', flowSilicon)
    const report = await imported(home, file)
    expect(report).toMatchObject({ added: 2, duplicates: 0, rejected: [], from: 'flowsilicon' })
    expect(await listed(home)).toMatchObject([
      {
        secret: one,
        enabled: true,
        requests: 10,
        successes: 8,
        lastUsedAt: seconds(1764000000),
        balance: { amount: '12.50', source: 'estimated', at: seconds(1763990000) },
      },
      { secret: two, enabled: false, balance: { amount: '0.30' } },
    ])
    expect(report.settings.skipped.map(({ reason }) => reason)).toEqual([
      'set it with --port 3016',
      'set it with --base-url https://api.siliconflow.cn',
      'set it with --min-balance 0.8',
      'set it in sfpool.config.yaml: rules: { models: { "deepseek-ai/DeepSeek-V3": weighted-score } }',
      'these have no counterpart, or none is needed',
    ])
  })

  it('reads the JSON and the YAML of earlier versions of FlowSilicon', async () => {
    using home = createHome()
    const keys = [
      {
        key: one,
        balance: 2,
        last_used: 1764000000,
        total_calls: 4,
        success_calls: 4,
        disabled: false,
        last_tested: 0,
      },
    ]
    writeFileSync(home.path('api_keys.json'), JSON.stringify(keys))
    expect(await imported(home, 'api_keys.json')).toMatchObject({ added: 1, from: 'flowsilicon' })
    expect(await listed(home)).toMatchObject([
      { requests: 4, balance: { amount: '2.00', at: seconds(1764000000) } },
    ])
    const yaml =
      'api_proxy:\n  base_url: https://api.siliconflow.cn\nserver:\n  port: 3201\napp:\n  title: x\n'
    writeFileSync(home.path('config.yaml'), yaml)
    const report = await imported(home, 'config.yaml')
    expect(report).toMatchObject({ added: 0, from: 'flowsilicon' })
    expect(report.settings.skipped[0]).toEqual({ name: 'server.port', reason: 'set it with --port 3201' })
  })

  it('takes the keys of siliconflowProxy, and tells a refused key from one without money', async () => {
    using home = createHome()
    const file = await database(home, 'api_keys.db', siliconflowProxy)
    expect(await imported(home, file)).toMatchObject({ added: 4, from: 'siliconflow-proxy' })
    expect(await listed(home)).toMatchObject([
      { requests: 20, successes: 19, balance: { amount: '14.00', at: '2026-01-02T03:04:05.000Z' } },
      { enabled: true, balance: { amount: '0.20' } },
      { status: 'invalid', enabled: true, balance: { amount: null } },
      { status: 'ready', balance: { amount: null } },
    ])
  })

  it('takes the keys of a dump of D1, and never echoes what a setting held', async () => {
    using home = createHome()
    writeFileSync(home.path('dump.sql'), d1Dump)
    const { stdout, stderr } = await home.run(['import', 'dump.sql', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ added: 2, from: 'd1' })
    expect(stdout + stderr).not.toContain('not-to-be-echoed')
    expect(JSON.parse(stdout).settings.skipped.map(({ name }: { name: string }) => name)).toEqual([
      'admin_password',
      'access_control',
      'whitelisted_models',
    ])
    expect(await listed(home)).toMatchObject([
      { balance: { amount: '9.75', at: '2026-02-01T00:00:00.000Z' } },
      { balance: { amount: null } },
    ])
  })

  it('runs no statement of a dump but those that make and fill tables', async () => {
    using home = createHome()
    const elsewhere = home.path('elsewhere.db')
    writeFileSync(
      home.path('dump.sql'),
      `ATTACH DATABASE '${elsewhere}' AS x; CREATE TABLE x.t (a);\n${d1Dump}`,
    )
    await home.run(['import', 'dump.sql'])
    expect(existsSync(elsewhere)).toBe(false)
  })

  it('takes the values of KV: of keys, of tokens, and of a bulk file', async () => {
    using home = createHome()
    const { stdout } = await home.run(['import', '-', '--from', 'kv', '--json'], {
      input: JSON.stringify(managerKeys),
    })
    expect(JSON.parse(stdout)).toMatchObject({ added: 2, from: 'kv' })
    expect(await listed(home)).toMatchObject([{ balance: { amount: '4.20' } }, { balance: { amount: null } }])

    using other = createHome()
    await other.run(['import', '-'], { input: JSON.stringify(poolTokens) })
    expect(await listed(other)).toMatchObject([
      {
        enabled: true,
        requests: 50,
        successes: 45,
        lastUsedAt: '2026-01-02T00:00:00.000Z',
        balance: { amount: '7.50', at: '2026-01-02T00:00:00.000Z' },
      },
      { enabled: false, balance: { amount: null } },
    ])

    using bulk = createHome()
    const entries = [
      { key: 'keys', value: JSON.stringify(managerKeys) },
      { key: 'guest_password', value: 'not-to-be-echoed' },
    ]
    const { stdout: text } = await bulk.run(['import', '-', '--json'], { input: JSON.stringify(entries) })
    expect(JSON.parse(text)).toMatchObject({ added: 2, settings: { skipped: [{ name: 'guest_password' }] } })
    expect(text).not.toContain('not-to-be-echoed')
  })

  it('takes the keys of gpt-load that are SiliconFlow’s, and says why it leaves the others', async () => {
    using home = createHome()
    const file = await database(home, 'gpt-load.db', gptLoad)
    const { code, stdout } = await home.run(['import', file, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ added: 2, from: 'gpt-load' })
    expect(JSON.parse(stdout).rejected).toEqual([
      { line: 2, reason: 'its group is for api.openai.com; serve that one from a store of its own' },
      { line: 3, reason: 'gpt-load has encrypted it; export the keys as text there, and import that' },
    ])
    expect(await listed(home)).toMatchObject([
      { secret: one, label: 'Silicon', requests: 12, successes: 10, lastUsedAt: '2026-03-01T10:00:00.000Z' },
      { secret: three, status: 'ready', requests: 4, successes: 0 },
    ])
  })

  it('takes the channels of new-api, each key of one that holds several', async () => {
    using home = createHome()
    const file = await database(home, 'one-api.db', newApi)
    expect(await imported(home, file)).toMatchObject({
      added: 4,
      from: 'one-api',
      rejected: [{ line: 4, reason: expect.stringContaining("the channel other is not SiliconFlow's") }],
    })
    expect(await listed(home)).toMatchObject([
      { secret: one, label: 'first', weight: 3, balance: { amount: '6.50', at: seconds(1764000000) } },
      { secret: two, enabled: true },
      { secret: three, enabled: false },
      { secret: four, enabled: false },
    ])
  })

  it('takes a key file as add does', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `# mine\n${one}\n${two}|3.5\nnot a key\n`)
    expect(await imported(home, 'keys.txt', '--account', 'acme')).toMatchObject({
      added: 2,
      from: 'keys',
      keys: [{ account: 'acme' }, { account: 'acme', balance: { amount: '3.5' } }],
      rejected: [{ line: 4 }],
    })
  })

  it('adds nothing the second time, and leaves known keys as they are', async () => {
    using home = createHome()
    const file = await database(home, 'config.db', flowSilicon)
    await imported(home, file)
    await home.run(['update', one, '--label', 'mine', '--balance', '1'])
    expect(await imported(home, file)).toMatchObject({ added: 0, duplicates: 2, keys: [] })
    expect((await listed(home))[0]).toMatchObject({ label: 'mine', balance: { amount: '1.00' } })
  })

  it('says the same in a dry run, and writes nothing', async () => {
    using home = createHome()
    await home.run(['add', two])
    const file = await database(home, 'api_keys.db', siliconflowProxy)
    const before = await listed(home)
    const dry = await imported(home, file, '--dry-run')
    expect(await listed(home)).toEqual(before)
    const timeless = (report: Report): unknown =>
      JSON.parse(JSON.stringify(report, (name, value) => (name === 'addedAt' ? null : value)))
    expect(timeless(await imported(home, file))).toEqual(timeless(dry))
    using empty = createHome()
    writeFileSync(empty.path('k.txt'), one)
    const { stderr } = await empty.run(['import', 'k.txt', '--dry-run', '--store', 'file:./new.db'])
    expect(stderr).toContain('nothing was written (--dry-run)')
    expect(existsSync(empty.path('new.db'))).toBe(false)
  })

  it('changes neither a database nor its folder, and reads what its log holds', async () => {
    using home = createHome()
    const file = await database(home, 'live.db', siliconflowProxy.slice(0, 1))
    const owner = createClient({ url: `file:${home.path(file)}` })
    await owner.execute(`INSERT INTO api_keys (api_key) VALUES ('${one}')`)
    const sums = (): string[] =>
      readdirSync(home.directory)
        .filter((name) => name.startsWith('live.db'))
        .map(
          (name) =>
            `${name} ${createHash('sha256')
              .update(readFileSync(home.path(name)))
              .digest('hex')}`,
        )
    const before = sums()
    expect(await imported(home, file)).toMatchObject({ added: 1 })
    expect(sums()).toEqual(before)
    owner.close()
  })

  it.each([
    ['an empty file', '', 'no key was found in the text'],
    ['words', 'hello world, this is no list', 'no key was found in the text'],
    ['JSON of another kind', '{"menu":{"id":1}}', 'the JSON has none of the shapes that are known'],
    ['an empty list', '[]', 'the JSON has none of the shapes that are known'],
  ])('refuses %s with what was expected, and writes nothing', async (_what, text, reason) => {
    using home = createHome()
    writeFileSync(home.path('file'), text)
    const { code, stdout, stderr } = await home.run(['import', 'file', '--store', 'file:./new.db'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(reason)
    expect(stderr).toContain('Expected a key file, or what FlowSilicon')
    expect(existsSync(home.path('new.db'))).toBe(false)
  })

  it('names the place where JSON breaks off, and repeats nothing of it', async () => {
    using home = createHome()
    const broken = `[{"key":"${one}","balance":1},\n{"key":"${two}`
    const { code, stderr } = await home.run(['import', '-', '--from', 'kv'], { input: broken })
    expect(code).toBe(2)
    expect(stderr).toContain('the JSON ends to be valid in line 2')
    expect(stderr).not.toContain(two.slice(0, 12))
  })

  it.each([
    ['a database of another program', 'CREATE TABLE notes (text TEXT)', 'its tables are "notes"'],
    ['an empty database', 'PRAGMA user_version = 1', 'it has no table'],
  ])('refuses %s and says what was expected', async (_what, statement, reason) => {
    using home = createHome()
    const file = await database(home, 'other.db', [statement])
    const { code, stderr } = await home.run(['import', file, '--from', 'flowsilicon'])
    expect(code).toBe(2)
    expect(stderr).toContain(reason)
    expect(stderr).toContain('Expected a table apikeys (key, balance, disabled)')
  })

  it('refuses a damaged database, a missing file, a folder and a named pipe with the reason', async () => {
    using home = createHome()
    writeFileSync(
      home.path('bad.db'),
      Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4096, 7)]),
    )
    execFileSync('mkfifo', [home.path('pipe')])
    for (const [file, reason] of [
      ['bad.db', 'cannot be read'],
      ['missing', 'there is no such file or directory'],
      ['.', 'the path is a directory'],
      ['pipe', 'the path is a named pipe'],
    ] as const) {
      const { code, stderr } = await home.run(['import', file])
      expect([file, code]).toEqual([file, 2])
      expect(stderr).toContain(reason)
    }
  })
})
