import type { AddReport, BalanceView, Explanation, KeyView } from '@sfpool/core'
import type { DoctorReport } from '../doctor/examine.js'

/** What a command prints with `--json`, for the reference. A test runs each and compares the shape. */
export interface JsonExample {
  /** The command line after `sfpool`. */
  readonly line: string
  readonly output: unknown
  /** Objects whose names are data, such as names of models, by their dotted path. */
  readonly maps?: readonly string[]
}

const balance: BalanceView = {
  amount: '12.50',
  currency: 'CNY',
  source: 'known',
  at: '2026-12-01T10:00:00.000Z',
  funds: null,
}

const key: KeyView = {
  id: 'key_78e27a8a791d4e2b',
  key: 'sk-ab…wxyz',
  label: 'team',
  account: 'acme',
  site: 'cn',
  enabled: true,
  weight: 1,
  status: 'ready',
  reason: null,
  cooldowns: [],
  balance,
  inFlight: 0,
  requests: 0,
  successes: 0,
  lastUsedAt: null,
  addedAt: '2026-12-01T10:00:00.000Z',
}

const added: { [Name in 'added' | 'duplicates']: number } & {
  rejected: AddReport['rejected']
  keys: KeyView[]
} = {
  added: 1,
  duplicates: 0,
  rejected: [],
  keys: [key],
}

const explanation: Explanation = {
  model: 'Qwen/Qwen3-8B',
  chosen: key.id,
  keys: [
    {
      id: key.id,
      key: key.key,
      label: 'team',
      account: 'acme',
      eligible: true,
      why: 'serves next',
      until: null,
    },
  ],
}

const report: DoctorReport = {
  ok: true,
  findings: [
    { id: 'node', level: 'ok', message: 'Node.js 24.1.0', mend: null },
    {
      id: 'store.rights',
      level: 'warn',
      message: 'pool.db can be read by other users',
      mend: 'chmod 600 pool.db',
    },
  ],
}

const file = '/home/me/.config/sfpool/config.json'

/** By command, in the order in which they are run. */
export const jsonExamples: readonly JsonExample[] = [
  { line: 'add sk-… --label team --account acme --balance 12.50', output: added },
  { line: 'list', output: { total: 1, items: [key] } },
  { line: 'export', output: { total: 1, items: [key] } },
  {
    line: 'import keys.txt',
    output: {
      added: 1,
      duplicates: 0,
      rejected: [{ line: 4, reason: 'it holds no key' }],
      keys: [key],
      settings: {
        applied: [],
        skipped: [{ name: 'page_size', reason: 'it belongs to the pages of the old system' }],
      },
      from: 'keys',
    },
  },
  { line: 'update team --weight 1', output: { updated: 1, keys: [key] } },
  { line: 'disable team', output: { disabled: 1, keys: [{ ...key, enabled: false }] } },
  { line: 'enable team', output: { enabled: 1, keys: [key] } },
  {
    line: 'check',
    output: {
      summary: {
        total: 1,
        valid: 1,
        invalid: 0,
        exhausted: 0,
        restricted: 0,
        disabled: 0,
        'wrong-site': 0,
        limited: 0,
        unknown: 0,
        duplicates: 0,
        rejected: 0,
        low: 0,
        resumed: 0,
      },
      results: [
        {
          line: null,
          id: key.id,
          key: key.key,
          label: 'team',
          site: 'cn',
          verdict: 'valid',
          reason: 'the upstream accepts it',
          next: null,
          balance,
        },
      ],
      rejected: [],
    },
  },
  {
    line: 'balance',
    output: {
      total: '12.50',
      currency: 'CNY',
      accounts: [
        { account: 'acme', balance, trend: { dailyCost: null, days: 0, daysLeft: null }, unknownCosts: 0 },
      ],
      keys: [{ id: key.id, balance }],
      unanswered: 0,
      totals: { CNY: '12.50' },
    },
    maps: ['totals'],
  },
  {
    line: 'prices --site cn',
    output: {
      date: '2026-10-05',
      source: 'siliconflow.cn/pricing',
      zone: '+08:00',
      batchFactor: '0.5',
      sites: { cn: { currency: 'CNY', models: { 'Qwen/Qwen3-8B': 'free' } } },
    },
    maps: ['sites.cn.models'],
  },
  { line: 'explain --model Qwen/Qwen3-8B', output: explanation },
  {
    line: 'stats',
    output: {
      source: 'store',
      keys: { total: 1, ready: 1, cooling: 0, probing: 0, exhausted: 0, invalid: 0, disabled: 0 },
      attempts: 0,
      successes: 0,
      tokens: { prompt: 0, completion: 0, total: 0 },
      items: [key],
    },
  },
  {
    line: 'usage',
    output: {
      from: '2026-11-02',
      to: '2026-12-01',
      rows: [
        {
          day: '2026-12-01',
          requests: 12,
          successes: 11,
          promptTokens: 3_400,
          completionTokens: 910,
          cachedTokens: 0,
          reasoningTokens: 0,
          images: 0,
          cost: '0.0123',
          currency: 'CNY',
          unknownCosts: 0,
        },
      ],
    },
  },
  { line: 'secret fingerprint', output: { fingerprint: 'c8ed74c398dc9974' } },
  {
    line: 'secret rotate',
    output: {
      keys: 1,
      fingerprint: 'f0a12228b43ad9eb',
      file: '/home/me/.config/sfpool/secret.key',
      kept: null,
      isNew: true,
    },
  },
  {
    line: 'backup backup.db',
    output: { path: '/home/me/backup.db', bytes: 73_728, keys: 1, fingerprint: 'f0a12228b43ad9eb' },
  },
  {
    line: 'restore backup.db --yes',
    output: {
      path: '/home/me/.config/sfpool/pool.db',
      keys: 1,
      fingerprint: 'f0a12228b43ad9eb',
      replaced: true,
      from: '/home/me/backup.db',
    },
  },
  { line: 'config set port 8080', output: { name: 'port', value: 8080, path: file } },
  {
    line: 'config get port',
    output: { name: 'port', value: 8080, source: 'user', from: `${file} at port` },
  },
  {
    line: 'config list',
    output: {
      settings: [
        { name: 'json', value: false, source: 'default', from: null, default: 'false', isLive: false },
        {
          name: 'port',
          value: 8080,
          source: 'user',
          from: `${file} at port`,
          default: '3838',
          isLive: false,
        },
      ],
      files: [{ path: file, names: ['port'] }],
    },
  },
  { line: 'config unset port', output: { name: 'port', removed: true, path: file } },
  { line: 'config path', output: { path: file, files: [file] } },
  { line: 'doctor', output: report },
  { line: 'completion bash', output: { shell: 'bash', script: '…' } },
  {
    line: 'serve',
    output: {
      event: 'listening',
      url: 'http://127.0.0.1:3838',
      baseURL: 'http://127.0.0.1:3838/v1',
      host: '127.0.0.1',
      port: 3838,
      keys: 1,
    },
  },
  {
    line: 'simulate',
    output: {
      event: 'listening',
      sites: {
        cn: { baseURL: 'http://127.0.0.1:3900/v1', port: 3900 },
        com: { baseURL: 'http://127.0.0.1:3901/v1', port: 3901 },
      },
      control: 'http://127.0.0.1:3900/_sim/',
      keys: [{ key: 'sk-ab…wxyz', account: 'healthy', site: 'cn' }],
    },
  },
  { line: 'remove team --yes', output: { removed: 1, keys: [key] } },
]
