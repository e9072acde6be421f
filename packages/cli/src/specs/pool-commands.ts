import { type CommandSpec, commandSpec } from '../command-spec.js'
import { policySettings } from '../config/policy-catalogue.js'
import { upstreamSettings } from './upstream-settings.js'

const policyHelp = async (): Promise<readonly string[]> =>
  (await import('../render/policy-help.js')).policyHelp()

/** Commands that serve the pool, or tell what it did and would do. */
export const poolCommands: readonly CommandSpec[] = [
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
    load: async () => (await import('../commands/balance.js')).balance,
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
    inherited: upstreamSettings,
    load: async () => (await import('../commands/prices.js')).prices,
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
      'bodyMinRate',
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
    load: async () => (await import('../commands/serve.js')).serve,
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
      'watch',
      'baseUrl',
      'provider',
      'site',
      'sites',
      ...policySettings,
    ],
    extraHelp: policyHelp,
    load: async () => (await import('../commands/explain.js')).explain,
  }),
  commandSpec({
    usage: 'stats',
    summary: 'Show usage figures of the keys, from the store or a running server',
    description:
      'Show usage figures, from the store or, with --url, from a running server. Without --window and --by they are those ' +
      'since the keys were added, or since the server started. With them, figures of that time with their rates, ' +
      'percentiles and trends: by key and account of upstream calls, by model and client of requests.',
    examples: [
      'sfpool stats --window 24h --by model',
      'sfpool stats --window 5m --by key --watch --url http://127.0.0.1:3838',
    ],
    settings: ['window', 'by', 'watch', 'url', 'adminKey', 'adminKeyFile', 'prices'],
    inherited: [...upstreamSettings, 'site'],
    load: async () => (await import('../commands/stats.js')).stats,
  }),
  commandSpec({
    usage: 'usage',
    summary: 'Show what calls used and cost, by day, key, account, model or client',
    description:
      "Show what upstream calls used and cost, from the store: by the days of the provider's calendar, for 400 days. A " +
      'running server adds to it once a second.',
    examples: [
      'sfpool usage',
      'sfpool usage --days 7 --by day,model',
      'sfpool usage --by account --format csv',
    ],
    settings: ['days', 'firstDay', 'lastDay', 'usageBy', 'usageFormat', 'prices'],
    inherited: [...upstreamSettings, 'site'],
    load: async () => (await import('../commands/usage.js')).usage,
  }),
]
