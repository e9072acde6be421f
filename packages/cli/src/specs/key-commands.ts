import { type CommandSpec, commandSpec } from '../command-spec.js'
import { upstreamSettings } from './upstream-settings.js'

/** Commands that change, list and check keys. */
export const keyCommands: readonly CommandSpec[] = [
  commandSpec({
    usage: 'add [keys...]',
    summary: 'Add keys to the store',
    description:
      'Add keys to the store, from the arguments, a file or standard input. Lines, commas, spaces, semicolons or tabs ' +
      'separate keys. Keys may be quoted, stand in a column of a CSV file, or be followed by a balance. # starts a comment.',
    examples: ['sfpool add -f keys.txt', 'pbpaste | sfpool add --account acme --check'],
    settings: [
      'file',
      'account',
      'label',
      'weight',
      'balance',
      'check',
      'baseUrl',
      'provider',
      'site',
      'proxy',
      'ca',
      'prices',
    ],
    load: async () => (await import('../commands/add.js')).add,
  }),
  commandSpec({
    usage: 'list',
    summary: 'List the stored keys with their state',
    examples: [
      'sfpool list --status ready --sort -balance',
      'sfpool list --search acme --columns key,balance,used',
    ],
    settings: ['status', 'account', 'leastBalance', 'search', 'sort', 'limit', 'columns', 'reveal', 'prices'],
    inherited: [...upstreamSettings, 'site'],
    load: async () => (await import('../commands/list.js')).list,
  }),
  commandSpec({
    usage: 'export',
    summary: 'Print the stored keys for other programs',
    description:
      'Print the stored keys for other programs, as text that sfpool add reads, as CSV or as JSON. Keys are masked unless ' +
      '--reveal is given. --min-balance leaves out keys whose balance is not known.',
    examples: [
      'sfpool export --reveal --output keys.txt',
      'sfpool export --status ready --with-balance --separator semicolon',
      'sfpool export --format csv --min-balance 5',
    ],
    settings: [
      'status',
      'account',
      'leastBalance',
      'onlySelected',
      'separator',
      'withBalance',
      'exportFormat',
      'output',
      'reveal',
      'prices',
    ],
    inherited: [...upstreamSettings, 'site', 'selected'],
    load: async () => (await import('../commands/export.js')).exportKeys,
  }),
  commandSpec({
    usage: 'import <path>',
    summary: 'Take keys over from another system',
    description:
      'Take keys over from another system, with their balances, counts and switches as far as it knows them: from a file ' +
      'or an SQLite database, or from standard input with -. Known keys are left as they are, so a second import adds ' +
      'nothing. The file is only read.',
    examples: [
      'sfpool import keys.txt --dry-run',
      'sfpool import FlowSilicon/data/config.db',
      'wrangler kv key get keys --binding SILICONFLOW_KEY | sfpool import - --from kv',
    ],
    settings: ['importFrom', 'dryRun', 'account', 'baseUrl', 'provider', 'site', 'prices'],
    load: async () => (await import('../commands/import.js')).importKeys,
  }),
  commandSpec({
    usage: 'remove [ids...]',
    summary: 'Remove keys from the store',
    description:
      'Remove keys from the store. Name them by id, label or masked key, or select them by state or account.',
    examples: ['sfpool remove sk-ab…wxyz', 'sfpool remove --status invalid --yes'],
    settings: ['status', 'account', 'yes', 'prices'],
    inherited: [...upstreamSettings, 'site'],
    load: async () => (await import('../commands/remove.js')).remove,
  }),
  commandSpec({
    usage: 'enable [ids...]',
    summary: 'Let disabled keys serve again',
    settings: ['status', 'account', 'prices'],
    inherited: [...upstreamSettings, 'site'],
    load: async () => (await import('../commands/switch.js')).enable,
  }),
  commandSpec({
    usage: 'disable [ids...]',
    summary: 'Keep keys from serving without removing them',
    settings: ['status', 'account', 'prices'],
    inherited: [...upstreamSettings, 'site'],
    load: async () => (await import('../commands/switch.js')).disable,
  }),
  commandSpec({
    usage: 'update <ids...>',
    summary: 'Change the label, account, weight, site or balance of stored keys',
    description:
      'Change the label, account, weight, site or balance of stored keys. Name them by id, label or masked key.',
    examples: ['sfpool update sk-ab…wxyz --label team', 'sfpool update key_1f3a… --weight 2 --account acme'],
    settings: ['label', 'account', 'weight', 'site', 'balance', 'prices'],
    inherited: upstreamSettings,
    load: async () => (await import('../commands/update.js')).update,
  }),
  commandSpec({
    usage: 'check [keys...]',
    summary: 'Ask the upstream which keys are good',
    description:
      'Ask the upstream which keys are good: the stored keys, those of them that are named by id, label or masked key, or ' +
      'the keys of a file (- for standard input). Verdicts: ' +
      'valid, invalid, exhausted, restricted, disabled, wrong-site, limited, unknown. Checks are free, except with ' +
      '--probe chat. A key that its site refuses is also checked on the other site. Exit codes: 0 when every key passes, ' +
      '1 when a key fails or a line holds no key, 2 when nothing was checked, 3 when the upstream gave no answer, 130 ' +
      'when interrupted (the results so far are printed).',
    examples: [
      'sfpool check',
      'sfpool check keys.txt --format github',
      'sfpool check keys.txt --only bad --export-good good.txt',
      'sfpool check keys.txt --probe balance --min-balance 5 --format junit --output keys.xml',
      'sfpool check keys.txt --format jsonl --output done.jsonl --resume done.jsonl',
    ],
    settings: [
      'probe',
      'probeModel',
      'minBalance',
      'failOn',
      'format',
      'output',
      'resume',
      'only',
      'exportGood',
      'concurrency',
      'interval',
      'retries',
      'retryPause',
      'timeout',
      'deadline',
      'baseUrl',
      'provider',
      'site',
      'sites',
      'proxy',
      'ca',
      'prices',
    ],
    load: async () => (await import('../commands/check.js')).check,
  }),
]
