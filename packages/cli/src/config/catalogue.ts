import { resolve } from 'node:path'
import { checkCatalogue } from './check-catalogue.js'
import { keyListCatalogue } from './key-list-catalogue.js'
import { logCatalogue } from './log-catalogue.js'
import { origins } from './origins-rule.js'
import { pastCatalogue } from './past-catalogue.js'
import { policyCatalogue } from './policy-catalogue.js'
import {
  amount,
  httpUrl,
  oneOf,
  optional,
  positiveNumber,
  secret,
  secrets,
  someOf,
  structure,
  text,
  variable,
  wholeNumber,
} from './rule.js'
import type { Setting } from './setting.js'
import { duration, pathSetting, sizeFrom, switchSetting } from './setting-kinds.js'
import type { SettingName, Settings } from './settings.js'
import { storeUrl, writtenStoreUrl } from './store-url.js'

export type Catalogue = { readonly [Name in SettingName]: Setting<Settings[Name]> }

const port = wholeNumber({ min: 0, max: 65_535 })

const timer = (phase: string, flag: string, shownFallback: string): Setting<number | undefined> => ({
  ...optional(duration),
  flag: `${flag} <duration>`,
  description: `Time ${phase}, 0 for no limit`,
  fallback: undefined,
  shownFallback,
})

/** Every setting with its flag, its rule, its fallback and its other names. */
export const catalogue: Catalogue = {
  json: switchSetting('--json', 'Print JSON on standard output'),
  color: { ...switchSetting('--no-color', 'Print without colours'), fallback: undefined },
  quiet: switchSetting('-q, --quiet', 'Print only errors on standard error'),
  verbose: switchSetting('-v, --verbose', 'Print more details on standard error'),
  store: {
    ...optional(storeUrl),
    flag: '--store <url>',
    description: 'Where keys are stored: file:<path>, memory: or libsql://<host>?authToken=<token>',
    fallback: undefined,
    shownFallback: 'pool.db in the user configuration directory',
    anchor: (url, directory) =>
      url?.kind === 'file' ? { kind: 'file', path: resolve(directory, url.path) } : url,
    written: writtenStoreUrl,
  },
  secret: {
    ...optional(text),
    flag: '--secret <text>',
    hasNoFlag: true,
    description: 'Secret that seals the keys of the store',
    fallback: undefined,
    isSecret: true,
  },
  secretFile: {
    ...pathSetting,
    flag: '--secret-file <file>',
    description: 'File with the secret that seals the keys of the store',
    shownFallback: 'secret.key beside the store',
  },
  config: {
    ...pathSetting,
    flag: '--config <file>',
    description: 'Read settings from this JSON or YAML file',
    shownFallback: 'sfpool.config.{json,yaml} in the working directory',
  },

  baseUrl: {
    ...optional(httpUrl),
    flag: '--base-url <url>',
    description: "Address of the upstream's API, with or without /v1",
    fallback: undefined,
    shownFallback: "the site's own address",
    variables: ['SILICONFLOW_BASE_URL'],
  },
  provider: {
    ...optional(oneOf(['siliconflow', 'openai', 'deepseek', 'generic'])),
    flag: '--provider <name>',
    description:
      'Whose API it is: siliconflow, openai, deepseek or generic; decides how its errors are judged',
    fallback: undefined,
    shownFallback: 'recognized by the host of --base-url',
  },
  site: {
    ...optional(oneOf(['cn', 'com'])),
    flag: '--site <site>',
    description: 'Which SiliconFlow site: cn or com',
    fallback: undefined,
    shownFallback: 'cn',
  },

  sites: {
    ...structure,
    flag: '--sites <json>',
    hasNoFlag: true,
    description: 'Other addresses of both SiliconFlow sites, by site name',
    fallback: undefined,
  },

  account: {
    ...optional(text),
    flag: '--account <name>',
    description: 'Account of the keys; limits and money belong to accounts',
    fallback: undefined,
  },
  label: {
    ...optional(text),
    flag: '--label <text>',
    description: 'Readable name for the keys',
    fallback: undefined,
  },
  weight: {
    ...optional(positiveNumber),
    flag: '--weight <number>',
    description: 'Share of the traffic under the weighted strategy',
    fallback: undefined,
    shownFallback: '1',
  },
  balance: {
    ...optional(amount),
    flag: '--balance <amount>',
    description: 'Current balance of the account, such as 12.50',
    fallback: undefined,
  },
  file: {
    ...pathSetting,
    flag: '-f, --file <file>',
    description: 'Read keys from this file, - for standard input',
  },
  check: switchSetting('--check', 'Ask the upstream first and add only the keys it accepts'),
  status: {
    ...optional(someOf(['ready', 'cooling', 'probing', 'exhausted', 'invalid', 'disabled'])),
    flag: '--status <list>',
    description: 'Only keys in these states, separated by commas',
    fallback: undefined,
  },
  all: { ...switchSetting('--all', 'Show the settings that have their default, too'), isConsent: true },
  reveal: { ...switchSetting('--reveal', 'Print whole keys instead of masked keys'), isConsent: true },
  yes: { ...switchSetting('-y, --yes', 'Do not ask for confirmation'), isConsent: true },

  ...checkCatalogue,
  ...keyListCatalogue,

  host: { ...text, flag: '--host <address>', description: 'Address to listen on', fallback: '127.0.0.1' },
  port: {
    ...port,
    flag: '--port <port>',
    description: 'Port to listen on, 0 for any free port',
    fallback: 3838,
    variables: ['PORT'],
  },
  keys: {
    ...pathSetting,
    flag: '--keys <file>',
    description: 'Use the keys of this file too; a server follows its changes',
  },
  clientKey: {
    isLive: true,
    ...optional(secrets),
    flag: '--client-key <key>',
    description: 'Key that clients must present; may be given several times',
    fallback: undefined,
    shownFallback: 'none, open to this machine only',
    variables: ['LB_API_KEY'],
    isRepeatable: true,
    isSecret: true,
  },
  clientKeyFile: {
    isLive: true,
    ...pathSetting,
    flag: '--client-key-file <file>',
    description: 'File with the keys that clients must present, one in a line',
  },
  adminKey: {
    isLive: true,
    ...optional(secret),
    flag: '--admin-key <key>',
    description: 'Key that administrators must present',
    fallback: undefined,
    shownFallback: 'none, administration is closed',
    variables: ['LB_ADMIN_KEY', 'ADMIN_PASSWORD'],
    isSecret: true,
  },
  adminKeyFile: {
    isLive: true,
    ...pathSetting,
    flag: '--admin-key-file <file>',
    description: 'File with the key that administrators must present',
  },
  cors: {
    isLive: true,
    ...origins,
    flag: '--cors <origins>',
    description: 'Origins whose web pages may call, separated by commas, or * for all',
    fallback: undefined,
    shownFallback: 'none',
  },
  timeoutConnect: timer('to connect', '--timeout-connect', '10s'),
  timeoutFirstByte: timer('until the first byte of an answer', '--timeout-first-byte', '5m'),
  timeoutFirstOutput: timer('until the first output of a stream', '--timeout-first-output', '10m'),
  timeoutIdle: timer('between two parts of an answer', '--timeout-idle', '5m'),
  timeoutStalled: timer(
    'between two parts of output, when only comments and pings come',
    '--timeout-stalled',
    'twice --timeout-idle',
  ),
  timeoutTotal: timer('for a whole request', '--timeout-total', '0'),
  maxBody: {
    isLive: true,
    ...optional(sizeFrom(1)),
    flag: '--max-body <size>',
    description: 'Size of the largest accepted request body',
    fallback: undefined,
    shownFallback: '100mb',
  },
  sendTimeout: {
    ...timer('that a client may take nothing of its answer', '--send-timeout', '1m'),
    isLive: true,
  },
  bodyTimeout: {
    ...timer('that a client may pause while it sends a body', '--body-timeout', '1m'),
    isLive: true,
  },
  bodyMinRate: {
    ...optional(sizeFrom(0)),
    flag: '--body-min-rate <size>',
    description:
      'Bytes per second that a body must come with, over the time of --body-timeout; 0 for any rate',
    fallback: undefined,
    shownFallback: '512',
    isLive: true,
  },
  bufferBudget: {
    ...optional(sizeFrom(65_536)),
    flag: '--buffer-budget <size>',
    description: 'Memory for all buffered bodies and answers; beyond it, bodies are sent once or refused',
    fallback: undefined,
    shownFallback: "an eighth of the heap's limit",
  },
  proxy: {
    ...optional(text),
    flag: '--proxy <url>',
    description: 'Proxy to the upstream, an http, https or socks5 URL, or none',
    fallback: undefined,
    shownFallback: 'HTTPS_PROXY, HTTP_PROXY or ALL_PROXY',
    isSecret: true,
  },
  ca: {
    ...pathSetting,
    flag: '--ca <file>',
    description: 'PEM file of certificate authorities to trust beside the usual ones',
  },
  shutdownTimeout: {
    isLive: true,
    ...duration,
    flag: '--shutdown-timeout <duration>',
    description: 'Time in which running requests may finish',
    fallback: 10_000,
    shownFallback: '10s',
  },
  ...logCatalogue,
  trace: {
    ...switchSetting('--trace', 'Send every client a list of the attempts, in the header x-sfpool-trace'),
    isLive: true,
  },
  demo: switchSetting('--demo', 'Serve sample keys from a simulated upstream'),

  ...policyCatalogue,

  model: {
    ...optional(text),
    flag: '--model <name>',
    description: 'The model named in the request',
    fallback: undefined,
    shownFallback: 'no model',
  },
  stream: switchSetting('--stream', 'The request asks for a stream'),
  tokens: {
    ...optional(wholeNumber({ min: 0, unit: 'tokens' })),
    flag: '--tokens <count>',
    description: 'Tokens that the request is expected to use',
    fallback: undefined,
    shownFallback: 'the average of requests for the model',
  },
  session: {
    ...optional(text),
    flag: '--session <name>',
    description: 'The conversation of the request, for the strategy sticky',
    fallback: undefined,
  },

  from: {
    ...optional(text),
    flag: '--from <source>',
    description: 'Import the prices from this URL or file, or from standard input with -',
    fallback: undefined,
    isConsent: true,
    // A URL may contain credentials anywhere.
    isSecret: true,
    anchor: (value, directory) =>
      value === undefined || value === '-' || value.includes('://') ? value : resolve(directory, value),
  },

  onlySite: {
    ...optional(oneOf(['cn', 'com'])),
    flag: '--site <site>',
    description: 'Only the prices of this site: cn or com',
    fallback: undefined,
    shownFallback: 'both',
  },

  toEnv: {
    ...optional(variable),
    flag: '--to-env <variable>',
    description: 'Seal with the secret that this variable holds',
    fallback: undefined,
    isConsent: true,
    // Whoever mistakes the name for the value has pasted a secret.
    isSecret: true,
  },
  toFile: {
    ...pathSetting,
    flag: '--to-file <file>',
    description: 'Seal with the secret of this file, which is made when it is missing',
    isConsent: true,
  },

  url: {
    ...optional(httpUrl),
    flag: '--url <url>',
    description: 'Ask the server that runs at this address',
    fallback: undefined,
    shownFallback: 'the store is read',
  },
  watch: switchSetting('-w, --watch', 'Print again every two seconds'),

  ...pastCatalogue,

  simulatorPort: {
    ...wholeNumber({ min: 0, max: 65_534 }),
    flag: '--port <port>',
    description: 'Port of the cn site, com gets the next one; 0 for any free ports',
    fallback: 3900,
  },
  scenario: {
    ...pathSetting,
    flag: '--scenario <file>',
    description: 'JSON file with the accounts, keys, limits and faults to simulate',
    shownFallback: 'sample accounts in different states',
  },
}
