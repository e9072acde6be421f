import { resolve } from 'node:path'
import { checkCatalogue } from './check-catalogue.js'
import { policyCatalogue } from './policy-catalogue.js'
import {
  amount,
  duration,
  httpUrl,
  oneOf,
  optional,
  positiveNumber,
  secret,
  secrets,
  someOf,
  structure,
  text,
  wholeNumber,
} from './rule.js'
import type { Setting } from './setting.js'
import { pathSetting, switchSetting } from './setting-kinds.js'
import type { SettingName, Settings } from './settings.js'
import { storeUrl } from './store-url.js'

export type Catalogue = { readonly [Name in SettingName]: Setting<Settings[Name]> }

const port = wholeNumber({ min: 0, max: 65_535 })

const timer = (phase: string, flag: string, shownFallback: string): Setting<number | undefined> => ({
  ...optional(duration),
  flag: `${flag} <ms>`,
  description: `milliseconds ${phase}, 0 = no limit`,
  fallback: undefined,
  shownFallback,
})

/** Every setting: its flag, its rule, its fallback, and the other names it is known under. */
export const catalogue: Catalogue = {
  json: switchSetting('--json', 'print JSON on standard output'),
  color: { ...switchSetting('--no-color', 'print without colours'), fallback: undefined },
  quiet: switchSetting('-q, --quiet', 'say nothing but errors on standard error'),
  verbose: switchSetting('-v, --verbose', 'say more on standard error'),
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
    ...pathSetting,
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
  file: {
    ...pathSetting,
    flag: '-f, --file <file>',
    description: 'read keys from this file, - for standard input',
  },
  check: switchSetting('--check', 'ask the upstream first and add only what it accepts'),
  status: {
    ...optional(someOf(['ready', 'cooling', 'probing', 'exhausted', 'invalid', 'disabled'])),
    flag: '--status <list>',
    description: 'only keys of these states, separated by commas',
    fallback: undefined,
  },
  reveal: { ...switchSetting('--reveal', 'print whole keys instead of their masks'), isConsent: true },
  yes: { ...switchSetting('-y, --yes', 'do not ask'), isConsent: true },

  ...checkCatalogue,

  host: { ...text, flag: '--host <address>', description: 'address to listen on', fallback: '127.0.0.1' },
  port: {
    ...port,
    flag: '--port <port>',
    description: 'port to listen on, 0 = any free one',
    fallback: 3838,
    variables: ['PORT'],
  },
  keys: {
    ...pathSetting,
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
  trace: switchSetting('--trace', 'tell every client which attempts were made, in the header x-sfpool-trace'),
  demo: switchSetting('--demo', 'serve sample keys from a simulated upstream'),

  ...policyCatalogue,

  model: {
    ...optional(text),
    flag: '--model <name>',
    description: 'the model that the request names',
    fallback: undefined,
    shownFallback: 'it names none',
  },
  stream: switchSetting('--stream', 'it asks for a stream'),
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

  from: {
    ...optional(text),
    flag: '--from <source>',
    description: 'take over the prices at this URL, in this file, or from standard input with -',
    fallback: undefined,
    isConsent: true,
    // A URL may hold credentials anywhere.
    isSecret: true,
    anchor: (value, directory) =>
      value === undefined || value === '-' || value.includes('://') ? value : resolve(directory, value),
  },

  onlySite: {
    ...optional(oneOf(['cn', 'com'])),
    flag: '--site <site>',
    description: 'the prices of this site only: cn or com',
    fallback: undefined,
    shownFallback: 'both',
  },

  url: {
    ...optional(httpUrl),
    flag: '--url <url>',
    description: 'ask the server running at this address',
    fallback: undefined,
    shownFallback: 'read the store',
  },
  watch: switchSetting('-w, --watch', 'print again every two seconds'),

  simulatorPort: {
    ...wholeNumber({ min: 0, max: 65_534 }),
    flag: '--port <port>',
    description: 'port of the cn site, com gets the next one; 0 = any free ones',
    fallback: 3900,
  },
  scenario: {
    ...pathSetting,
    flag: '--scenario <file>',
    description: 'accounts, keys, limits and faults to play, as JSON',
    shownFallback: 'sample accounts in different states',
  },
}
