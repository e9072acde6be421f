import { policySettings } from './config/policy-catalogue.js'
import type { SettingName } from './config/settings.js'
import type { Run } from './context.js'

/** Describes a command to the command line before any code of the command is loaded. */
export interface CommandSpec {
  /** Name and arguments, as commander writes them. */
  readonly usage: string
  readonly summary: string
  readonly description?: string
  readonly examples?: readonly string[]
  /** Loads paragraphs for the end of the command's help. */
  readonly extraHelp?: () => Promise<readonly string[]>
  /** The command's settings beside the common ones, in the order in which help shows them. */
  readonly settings: readonly SettingName[]
  /** Settings that the command takes from variables and files only, because they are seldom meant for it alone. */
  readonly inherited?: readonly SettingName[]
  /** Loads the command's code. A command must start fast, so it loads no code of other commands. */
  readonly load: () => Promise<Run<SettingName>>
}

/** Makes the compiler check that a command gets every setting it reads, then widens the type. */
function commandSpec<Name extends SettingName>(
  given: Omit<CommandSpec, 'settings' | 'inherited' | 'load'> & {
    readonly settings: readonly Name[]
    readonly inherited?: readonly Name[]
    readonly load: () => Promise<Run<Name>>
  },
): CommandSpec {
  return { ...given, load: given.load as () => Promise<Run<SettingName>> }
}

/** Whose keys they are decides in which currency they have money, and which prices are theirs. */
const upstream = ['baseUrl', 'provider', 'sites'] as const

const policyHelp = async (): Promise<readonly string[]> =>
  (await import('./render/policy-help.js')).policyHelp()

/** Every command, in the order in which help shows them. */
export const commandSpecs: readonly CommandSpec[] = [
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
    load: async () => (await import('./commands/add.js')).add,
  }),
  commandSpec({
    usage: 'list',
    summary: 'List the stored keys with their state',
    settings: ['status', 'account', 'reveal', 'prices'],
    inherited: [...upstream, 'site'],
    load: async () => (await import('./commands/list.js')).list,
  }),
  commandSpec({
    usage: 'remove [ids...]',
    summary: 'Remove keys from the store',
    description:
      'Remove keys from the store. Name them by id, label or masked key, or select them by state or account.',
    examples: ['sfpool remove sk-ab…wxyz', 'sfpool remove --status invalid --yes'],
    settings: ['status', 'account', 'yes', 'prices'],
    inherited: [...upstream, 'site'],
    load: async () => (await import('./commands/remove.js')).remove,
  }),
  commandSpec({
    usage: 'enable [ids...]',
    summary: 'Let disabled keys serve again',
    settings: ['status', 'account', 'prices'],
    inherited: [...upstream, 'site'],
    load: async () => (await import('./commands/switch.js')).enable,
  }),
  commandSpec({
    usage: 'disable [ids...]',
    summary: 'Keep keys from serving without removing them',
    settings: ['status', 'account', 'prices'],
    inherited: [...upstream, 'site'],
    load: async () => (await import('./commands/switch.js')).disable,
  }),
  commandSpec({
    usage: 'update <ids...>',
    summary: 'Change the label, account, weight, site or balance of stored keys',
    description:
      'Change the label, account, weight, site or balance of stored keys. Name them by id, label or masked key.',
    examples: ['sfpool update sk-ab…wxyz --label team', 'sfpool update key_1f3a… --weight 2 --account acme'],
    settings: ['label', 'account', 'weight', 'site', 'balance', 'prices'],
    inherited: upstream,
    load: async () => (await import('./commands/update.js')).update,
  }),
  commandSpec({
    usage: 'check [file]',
    summary: 'Ask the upstream which keys are good',
    description:
      'Ask the upstream which keys are good: the stored keys, or the keys of a file (- for standard input). Verdicts: ' +
      'valid, invalid, exhausted, restricted, disabled, wrong-site, limited, unknown. Checks are free, except with ' +
      '--probe chat. A key that its site refuses is also checked on the other site. Exit codes: 0 when every key passes, ' +
      '1 when a key fails or a line holds no key, 2 when nothing was checked, 3 when the upstream gave no answer, 130 ' +
      'when interrupted (the results so far are printed).',
    examples: [
      'sfpool check',
      'sfpool check keys.txt --format github',
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
    load: async () => (await import('./commands/check.js')).check,
  }),
  commandSpec({
    usage: 'balance [ids...]',
    summary: 'Show the balance of each account and the total',
    description:
      'Show the balance of each account and the total. A balance is what the upstream last reported, or what was entered ' +
      'with sfpool add --balance, less the spending since then. Amounts are exact; ~ marks an estimated amount. --set and ' +
      '--top-up enter a balance for the accounts of keys (by id, label or masked key), or for one --account.',
    examples: [
      'sfpool balance',
      'sfpool balance --refresh --json',
      'sfpool balance --account acme --top-up 50',
    ],
    settings: [
      'refresh',
      'set',
      'topUp',
      'account',
      'baseUrl',
      'provider',
      'site',
      'sites',
      'proxy',
      'ca',
      'prices',
    ],
    load: async () => (await import('./commands/balance.js')).balance,
  }),
  commandSpec({
    usage: 'prices',
    summary: 'Show what calls cost, and where the prices come from',
    description:
      'Show the price list in use, its date and source, and the price of each model. --from reads and checks a new list ' +
      "and writes it to prices.json in the user's configuration directory, or to the file that the setting prices names. " +
      "The list is JSON or YAML: sfpool's own format, or pricingApiItems from SiliconFlow's pricing page.",
    examples: [
      'sfpool prices --site cn',
      'sfpool prices --from https://example.com/prices.json',
      'sfpool prices --json > mine.json && sfpool prices --from mine.json',
    ],
    settings: ['from', 'onlySite', 'prices'],
    inherited: upstream,
    load: async () => (await import('./commands/prices.js')).prices,
  }),
  commandSpec({
    usage: 'serve',
    summary: 'Serve the pool as an OpenAI-compatible API',
    examples: [
      'sfpool serve --demo',
      'sfpool serve --keys keys.txt',
      'sfpool serve --host 0.0.0.0 --client-key "$KEY"',
    ],
    settings: [
      'host',
      'port',
      'baseUrl',
      'provider',
      'site',
      'sites',
      'keys',
      'clientKey',
      'clientKeyFile',
      'adminKey',
      'adminKeyFile',
      'cors',
      ...policySettings,
      'timeoutConnect',
      'timeoutFirstByte',
      'timeoutFirstOutput',
      'timeoutIdle',
      'timeoutStalled',
      'timeoutTotal',
      'checkEvery',
      'checkAfterCalls',
      'checks',
      'maxBody',
      'sendTimeout',
      'bodyTimeout',
      'bufferBudget',
      'proxy',
      'ca',
      'shutdownTimeout',
      'logLevel',
      'logFormat',
      'logFile',
      'logSize',
      'logCount',
      'logKeep',
      'log',
      'trace',
      'demo',
    ],
    extraHelp: policyHelp,
    load: async () => (await import('./commands/serve.js')).serve,
  }),
  commandSpec({
    usage: 'explain',
    summary: 'Explain which key would serve a request now, and why the others would not',
    description:
      'Explain which key would serve a request now, and why the other keys would not. The answer is that of a server ' +
      'started now with this store and these settings. The command sends nothing to the upstream and changes nothing. A ' +
      'running server reports what it did with a request in the header x-sfpool-trace.',
    examples: ['sfpool explain --model deepseek-ai/DeepSeek-V3', 'sfpool explain --tokens 20000 --json'],
    settings: [
      'model',
      'stream',
      'tokens',
      'session',
      'keys',
      'baseUrl',
      'provider',
      'site',
      'sites',
      ...policySettings,
    ],
    extraHelp: policyHelp,
    load: async () => (await import('./commands/explain.js')).explain,
  }),
  commandSpec({
    usage: 'stats',
    summary: 'Show usage figures of the keys, from the store or a running server',
    settings: ['url', 'adminKey', 'adminKeyFile', 'watch', 'prices'],
    inherited: [...upstream, 'site'],
    load: async () => (await import('./commands/stats.js')).stats,
  }),
  commandSpec({
    usage: 'secret <action>',
    summary: 'Show or change the secret that seals the keys of the store',
    description:
      'fingerprint shows which secret opens the store, without telling it. rotate seals all keys with another secret: ' +
      'with a new secret.key beside the store, or with that of --to-env or --to-file. A server that uses secret.key or ' +
      '--secret-file goes on by itself when the new secret lies in the same file; others must be restarted. Backups ' +
      'made before open with the secret of before.',
    examples: [
      'sfpool secret fingerprint',
      'sfpool secret rotate',
      'NEW="$(openssl rand -base64 32)" sfpool secret rotate --to-env NEW',
    ],
    settings: ['toEnv', 'toFile'],
    load: async () => (await import('./commands/secret.js')).secret,
  }),
  commandSpec({
    usage: 'simulate',
    summary: 'Run a local simulation of SiliconFlow for tests',
    settings: ['simulatorPort', 'scenario', 'reveal'],
    load: async () => (await import('./commands/simulate.js')).simulate,
  }),
]
