import { policySettings } from './config/policy-catalogue.js'
import type { SettingName } from './config/settings.js'
import type { Run } from './context.js'

/** A command as the command line knows it, before anything of it is loaded. */
export interface CommandSpec {
  /** Name and arguments, as commander writes them. */
  readonly usage: string
  readonly summary: string
  readonly description?: string
  readonly examples?: readonly string[]
  /** Paragraphs at the end of its help that cost loading. */
  readonly extraHelp?: () => Promise<readonly string[]>
  /** Its settings beside the common ones, in the order help shows them. */
  readonly settings: readonly SettingName[]
  /** Loads the command's code: a command must start fast, so it loads nothing of the others. */
  readonly load: () => Promise<Run<SettingName>>
}

/** Checks that a command is given every setting it reads, then forgets which they are. */
function commandSpec<Name extends SettingName>(
  given: Omit<CommandSpec, 'settings' | 'load'> & {
    readonly settings: readonly Name[]
    readonly load: () => Promise<Run<Name>>
  },
): CommandSpec {
  return { ...given, load: given.load as () => Promise<Run<SettingName>> }
}

const policyHelp = async (): Promise<readonly string[]> =>
  (await import('./render/policy-help.js')).policyHelp()

/** Every command, in the order help shows them. */
export const commandSpecs: readonly CommandSpec[] = [
  commandSpec({
    usage: 'add [keys...]',
    summary: 'add keys to the store',
    description:
      'Add keys to the store: from the arguments, a file, or standard input. Keys may be separated by lines, commas, ' +
      'spaces, semicolons or tabs, quoted, a CSV column, or followed by a balance; # starts a comment.',
    examples: ['sfpool add -f keys.txt', 'pbpaste | sfpool add --account acme --check'],
    settings: ['file', 'account', 'label', 'weight', 'balance', 'check', 'baseUrl', 'site', 'prices'],
    load: async () => (await import('./commands/add.js')).add,
  }),
  commandSpec({
    usage: 'list',
    summary: 'list the stored keys and how they stand',
    settings: ['status', 'account', 'reveal', 'prices'],
    load: async () => (await import('./commands/list.js')).list,
  }),
  commandSpec({
    usage: 'remove [ids...]',
    summary: 'remove keys from the store',
    description: 'Remove keys from the store: by id, label or masked form, or all of a state or an account.',
    examples: ['sfpool remove sk-ab…wxyz', 'sfpool remove --status invalid --yes'],
    settings: ['status', 'account', 'yes', 'prices'],
    load: async () => (await import('./commands/remove.js')).remove,
  }),
  commandSpec({
    usage: 'enable [ids...]',
    summary: 'let disabled keys serve again',
    settings: ['status', 'account', 'prices'],
    load: async () => (await import('./commands/switch.js')).enable,
  }),
  commandSpec({
    usage: 'disable [ids...]',
    summary: 'keep keys from serving, without removing them',
    settings: ['status', 'account', 'prices'],
    load: async () => (await import('./commands/switch.js')).disable,
  }),
  commandSpec({
    usage: 'check [file]',
    summary: 'ask the upstream which keys are good',
    description:
      'Ask the upstream which keys are good: the stored ones, or those of a file (- for standard input). Verdicts: valid, ' +
      'invalid, exhausted, restricted, disabled, wrong-site, limited, unknown. The upstream is asked for free unless ' +
      '--probe chat says otherwise; a key that its site refuses is asked about on the other site too. Ends with 0 when ' +
      'every key is as it should be, 1 when one is not or a line holds no key, 2 when nothing was asked, 3 when the ' +
      'upstream could not tell, 130 when interrupted: what is done by then is printed.',
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
      'site',
      'sites',
      'prices',
    ],
    load: async () => (await import('./commands/check.js')).check,
  }),
  commandSpec({
    usage: 'balance [ids...]',
    summary: 'what is left on the accounts, and altogether',
    description:
      'What is left on each account, and altogether: as the upstream last told it, or as it was entered with sfpool add ' +
      '--balance, less what was spent since. Amounts are exact; ~ stands before those that are estimated. --set and ' +
      '--top-up say what is on the accounts of some keys, by id, label or masked form, or of an account.',
    examples: [
      'sfpool balance',
      'sfpool balance --refresh --json',
      'sfpool balance --account acme --top-up 50',
    ],
    settings: ['refresh', 'set', 'topUp', 'account', 'baseUrl', 'site', 'sites', 'prices'],
    load: async () => (await import('./commands/balance.js')).balance,
  }),
  commandSpec({
    usage: 'prices',
    summary: 'what calls cost, and where that is known from',
    description:
      'Which list of prices counts, of which day and source, and what it says of each model. With --from a new list is ' +
      "read, checked, and put into prices.json beside the user's configuration, or the file that the setting prices " +
      "names. It is JSON or YAML: a list as sfpool has it, or pricingApiItems out of SiliconFlow's page of prices.",
    examples: [
      'sfpool prices --site cn',
      'sfpool prices --from https://example.com/prices.json',
      'sfpool prices --json > mine.json && sfpool prices --from mine.json',
    ],
    settings: ['from', 'onlySite', 'prices'],
    load: async () => (await import('./commands/prices.js')).prices,
  }),
  commandSpec({
    usage: 'serve',
    summary: 'serve the pool as an OpenAI-compatible API',
    examples: [
      'sfpool serve --demo',
      'sfpool serve --keys keys.txt',
      'sfpool serve --host 0.0.0.0 --client-key "$KEY"',
    ],
    settings: [
      'host',
      'port',
      'baseUrl',
      'site',
      'sites',
      'keys',
      'clientKey',
      'adminKey',
      ...policySettings,
      'timeoutConnect',
      'timeoutFirstByte',
      'timeoutFirstOutput',
      'timeoutIdle',
      'timeoutTotal',
      'checkEvery',
      'checkAfterCalls',
      'checks',
      'maxBody',
      'shutdownTimeout',
      'logLevel',
      'trace',
      'demo',
    ],
    extraHelp: policyHelp,
    load: async () => (await import('./commands/serve.js')).serve,
  }),
  commandSpec({
    usage: 'explain',
    summary: 'which key would serve a request now, and why each other would not',
    description:
      'Which key would serve a request now, and why each other would not: as a server sees it that is started now, with ' +
      'this store and these settings. Asks nobody and changes nothing. What a running server did with a request it tells ' +
      'in the header x-sfpool-trace.',
    examples: ['sfpool explain --model deepseek-ai/DeepSeek-V3', 'sfpool explain --tokens 20000 --json'],
    settings: ['model', 'stream', 'tokens', 'session', 'keys', 'site', ...policySettings],
    extraHelp: policyHelp,
    load: async () => (await import('./commands/explain.js')).explain,
  }),
  commandSpec({
    usage: 'stats',
    summary: 'what the keys have done, from the store or a running server',
    settings: ['url', 'adminKey', 'watch', 'prices'],
    load: async () => (await import('./commands/stats.js')).stats,
  }),
  commandSpec({
    usage: 'simulate',
    summary: 'run a local SiliconFlow to test against',
    settings: ['simulatorPort', 'scenario', 'reveal'],
    load: async () => (await import('./commands/simulate.js')).simulate,
  }),
]
