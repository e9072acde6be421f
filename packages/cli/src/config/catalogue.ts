import { resolve } from 'node:path'
import { policyCatalogue } from './policy-catalogue.js'
import {
  amount,
  amounts,
  duration,
  httpUrl,
  interval,
  oneOf,
  optional,
  positiveNumber,
  secret,
  secrets,
  someOf,
  structure,
  text,
  toggle,
  wholeNumber,
} from './rule.js'
import type { Setting } from './setting.js'
import type { SettingName, Settings } from './settings.js'
import { storeUrl } from './store-url.js'

export type Catalogue = { readonly [Name in SettingName]: Setting<Settings[Name]> }

const port = wholeNumber({ min: 0, max: 65_535 })

/** `-` stands for standard input or output, wherever it is written. */
const path = {
  ...optional(text),
  fallback: undefined,
  anchor: (value: string | undefined, directory: string) =>
    value === undefined || value === '-' ? value : resolve(directory, value),
}

const timer = (phase: string, flag: string, shownFallback: string): Setting<number | undefined> => ({
  ...optional(duration),
  flag: `${flag} <ms>`,
  description: `milliseconds ${phase}, 0 = no limit`,
  fallback: undefined,
  shownFallback,
})

const toggled = (flag: string, description: string): Setting<boolean> => ({
  ...toggle,
  flag,
  description,
  fallback: false,
})

/** Every setting: its flag, its rule, its fallback, and the other names it is known under. */
export const catalogue: Catalogue = {
  json: toggled('--json', 'print JSON on standard output'),
  color: { ...toggled('--no-color', 'print without colours'), fallback: undefined },
  quiet: toggled('-q, --quiet', 'say nothing but errors on standard error'),
  verbose: toggled('-v, --verbose', 'say more on standard error'),
  store: {
    ...optional(storeUrl),
    flag: '--store <url>',
    description: 'where keys live: file:<path> or memory:',
    fallback: undefined,
    shownFallback: 'pool.db beside the user configuration',
    anchor: (url, directory) =>
      url?.kind === 'file' ? { kind: 'file', path: resolve(directory, url.path) } : url,
  },
  config: {
    ...path,
    flag: '--config <file>',
    description: 'read settings from this JSON or YAML file',
    shownFallback: 'sfpool.config.{json,yaml} in the working directory',
  },

  baseUrl: {
    ...optional(httpUrl),
    flag: '--base-url <url>',
    description: "address of the upstream's API, with or without /v1",
    fallback: undefined,
    shownFallback: "the site's own address",
    variables: ['SILICONFLOW_BASE_URL'],
  },
  site: {
    ...optional(oneOf(['cn', 'com'])),
    flag: '--site <site>',
    description: "which of SiliconFlow's sites: cn or com",
    fallback: undefined,
    shownFallback: 'cn',
  },

  sites: {
    ...structure,
    flag: '--sites <json>',
    hasNoFlag: true,
    description: "other addresses for both of SiliconFlow's sites, by their names",
    fallback: undefined,
  },

  account: {
    ...optional(text),
    flag: '--account <name>',
    description: 'the account that limits and money belong to',
    fallback: undefined,
  },
  label: { ...optional(text), flag: '--label <text>', description: 'a name for people', fallback: undefined },
  weight: {
    ...optional(positiveNumber),
    flag: '--weight <number>',
    description: 'share of the traffic under the weighted strategy',
    fallback: undefined,
    shownFallback: '1',
  },
  balance: {
    ...optional(amount),
    flag: '--balance <amount>',
    description: 'money on the account now, as in 12.50',
    fallback: undefined,
  },
  file: { ...path, flag: '-f, --file <file>', description: 'read keys from this file, - for standard input' },
  check: toggled('--check', 'ask the upstream first and add only what it accepts'),
  status: {
    ...optional(someOf(['ready', 'cooling', 'probing', 'exhausted', 'invalid', 'disabled'])),
    flag: '--status <list>',
    description: 'only keys of these states, separated by commas',
    fallback: undefined,
  },
  reveal: { ...toggled('--reveal', 'print whole keys instead of their masks'), isConsent: true },
  yes: { ...toggled('-y, --yes', 'do not ask'), isConsent: true },

  concurrency: {
    ...wholeNumber({ min: 1, max: 256 }),
    flag: '--concurrency <count>',
    description: 'keys asked at the same time',
    fallback: 8,
  },
  interval: {
    ...interval,
    flag: '--interval <ms>',
    description: 'pause before each question, as in 500, or drawn from a range, as in 200-900',
    fallback: { minMs: 0, maxMs: 0 },
    shownFallback: '0',
  },
  retries: {
    ...wholeNumber({ min: 0, max: 20 }),
    flag: '--retries <count>',
    description: 'more attempts when the network or the upstream fails',
    fallback: 2,
  },
  retryPause: {
    ...duration,
    flag: '--retry-pause <ms>',
    description: 'milliseconds before another attempt, doubled each time',
    fallback: 500,
  },
  timeout: {
    ...wholeNumber({ min: 1, max: 2_147_483_647, unit: 'milliseconds' }),
    flag: '--timeout <ms>',
    description: 'milliseconds for one attempt',
    fallback: 15_000,
  },
  deadline: {
    ...duration,
    flag: '--deadline <ms>',
    description: 'milliseconds for all attempts at one key, pauses included, 0 = no limit',
    fallback: 60_000,
  },
  probe: {
    ...optional(oneOf(['models', 'balance', 'chat'])),
    flag: '--probe <what>',
    description:
      'models: is the key accepted; balance: what is left, too; chat: buy one token, which alone shows whether there is money',
    fallback: undefined,
    shownFallback: 'models, or balance with --min-balance',
  },
  probeModel: {
    ...optional(text),
    flag: '--model <name>',
    description: 'the model that --probe chat asks',
    fallback: undefined,
    shownFallback: 'a cheap one that is not free',
  },
  minBalance: {
    ...optional(amounts),
    flag: '--min-balance <amount>',
    description:
      'the least that an account should have: check ends with 1 where it has less, serve leaves it to free models',
    fallback: undefined,
  },
  failOn: {
    ...someOf([
      'valid',
      'invalid',
      'exhausted',
      'restricted',
      'disabled',
      'wrong-site',
      'limited',
      'unknown',
    ]),
    flag: '--fail-on <verdicts>',
    description: 'end with 1 (3 for unknown) when a key gets one of these',
    fallback: ['invalid', 'exhausted', 'disabled', 'wrong-site', 'unknown'],
    shownFallback: 'invalid,exhausted,disabled,wrong-site,unknown',
  },
  format: {
    ...oneOf(['table', 'json', 'jsonl', 'csv', 'junit', 'github']),
    flag: '--format <format>',
    description:
      'table, json, jsonl or csv (a line for each result, as it comes), junit, or github (annotations)',
    fallback: 'table',
  },
  output: { ...path, flag: '--output <file>', description: 'write the results to this file' },
  resume: {
    ...path,
    flag: '--resume <file>',
    description: 'leave out keys that have a result in this file of --format jsonl, unless it is unknown',
  },
  refresh: toggled('--refresh', 'ask the upstream first, where it still tells'),

  prices: {
    ...structure,
    flag: '--prices <json>',
    hasNoFlag: true,
    description: 'what calls cost, by site and model',
    fallback: undefined,
  },
  checks: {
    ...structure,
    flag: '--checks <json>',
    hasNoFlag: true,
    description:
      'when keys are looked at: everyMs, jitter, afterCalls, onLackOfFunds, minIntervalMs, concurrency',
    fallback: undefined,
  },
  checkEvery: {
    ...optional(duration),
    flag: '--check-every <ms>',
    description: 'look at every key each so many milliseconds, 0 = never',
    fallback: undefined,
    shownFallback: '0',
  },
  checkAfterCalls: {
    ...optional(wholeNumber({ min: 0, unit: 'calls' })),
    flag: '--check-after-calls <count>',
    description: 'ask for the balance of a key after so many of its calls, 0 = never',
    fallback: undefined,
    shownFallback: '0',
    variables: ['AUTO_QUERY_BALANCE_AFTER_CALLS'],
  },

  host: { ...text, flag: '--host <address>', description: 'address to listen on', fallback: '127.0.0.1' },
  port: {
    ...port,
    flag: '--port <port>',
    description: 'port to listen on, 0 = any free one',
    fallback: 3838,
    variables: ['PORT'],
  },
  keys: {
    ...path,
    flag: '--keys <file>',
    description: 'keys of this file too; a server follows its changes',
  },
  clientKey: {
    ...optional(secrets),
    flag: '--client-key <key>',
    description: 'what clients must present; may be given several times',
    fallback: undefined,
    shownFallback: 'none: open to this machine',
    variables: ['LB_API_KEY'],
    isRepeatable: true,
    isSecret: true,
  },
  adminKey: {
    ...optional(secret),
    flag: '--admin-key <key>',
    description: 'what administrators must present',
    fallback: undefined,
    shownFallback: 'none: closed',
    variables: ['LB_ADMIN_KEY', 'ADMIN_PASSWORD'],
    isSecret: true,
  },
  timeoutConnect: timer('to connect', '--timeout-connect', '10000'),
  timeoutFirstByte: timer('to the first byte of an answer', '--timeout-first-byte', '300000'),
  timeoutFirstOutput: timer('to the first output of a stream', '--timeout-first-output', '600000'),
  timeoutIdle: timer('between two pieces of an answer', '--timeout-idle', '300000'),
  timeoutTotal: timer('for a whole request', '--timeout-total', '0'),
  maxBody: {
    ...optional(wholeNumber({ min: 1, unit: 'bytes' })),
    flag: '--max-body <bytes>',
    description: 'largest request body',
    fallback: undefined,
    shownFallback: '104857600',
  },
  shutdownTimeout: {
    ...duration,
    flag: '--shutdown-timeout <ms>',
    description: 'milliseconds that running requests get to finish',
    fallback: 10_000,
  },
  logLevel: {
    ...oneOf(['silent', 'error', 'warn', 'info', 'debug']),
    flag: '--log-level <level>',
    description: 'how much the request log on standard error says: silent, error, warn, info or debug',
    fallback: 'info',
  },
  trace: toggled('--trace', 'tell every client which attempts were made, in the header x-sfpool-trace'),
  demo: toggled('--demo', 'serve sample keys from a simulated upstream'),

  ...policyCatalogue,

  model: {
    ...optional(text),
    flag: '--model <name>',
    description: 'the model that the request names',
    fallback: undefined,
    shownFallback: 'it names none',
  },
  stream: toggled('--stream', 'it asks for a stream'),
  tokens: {
    ...optional(wholeNumber({ min: 0, unit: 'tokens' })),
    flag: '--tokens <count>',
    description: 'tokens that it is expected to use',
    fallback: undefined,
    shownFallback: 'what requests for the model use on average',
  },
  session: {
    ...optional(text),
    flag: '--session <name>',
    description: 'the conversation that it belongs to, for the strategy sticky',
    fallback: undefined,
  },

  url: {
    ...optional(httpUrl),
    flag: '--url <url>',
    description: 'ask the server running at this address',
    fallback: undefined,
    shownFallback: 'read the store',
  },
  watch: toggled('-w, --watch', 'print again every two seconds'),

  simulatorPort: {
    ...wholeNumber({ min: 0, max: 65_534 }),
    flag: '--port <port>',
    description: 'port of the cn site, com gets the next one; 0 = any free ones',
    fallback: 3900,
  },
  scenario: {
    ...path,
    flag: '--scenario <file>',
    description: 'accounts, keys, limits and faults to play, as JSON',
    shownFallback: 'sample accounts in different states',
  },
}
