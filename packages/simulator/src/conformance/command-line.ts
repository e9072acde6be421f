import { parseArgs } from 'node:util'
import { presentConformance } from './present-conformance.js'
import { commandTarget } from './target/command-target.js'
import type { Target } from './target/target.js'
import { urlTarget } from './target/url-target.js'

const help = `Usage: sfpool-conformance --command "<template>" [options]
       sfpool-conformance --url <address> --upstream-port <port> --keys-file <file> [options]

Tests a gateway that pools API keys, in front of a simulated upstream.

A gateway that the suite starts again for every case:
  --command <template>    Command that starts the gateway; {port}, {upstream} and {keysFile} are replaced, and the
                          timeouts in milliseconds {connectMs} {firstByteMs} {firstOutputMs} {idleMs}
  --base-path <path>      Path of the gateway's API (default: /v1)
  --status-path <path>    Path that lists the keys and their states, as {"items":[{"key":"sk-ab…wxyz","status":"…"}]}

A gateway that already runs, follows changes of its key file, and sends to http://127.0.0.1:<port>/v1:
  --url <address>         Address of the gateway's API, such as http://127.0.0.1:3000/v1
  --upstream-port <port>  Port on which the gateway expects the upstream; the suite serves it there
  --keys-file <file>      File with the gateway's keys, one per line; the suite writes it for every case
  --reload-ms <ms>        Milliseconds in which the gateway must notice new keys (default: 5000)
  --pool <size>           The only number of keys that the gateway can have; cases with another number are skipped

Options for both:
  --key <key>             Key that clients present as a bearer token
  --header <name: value>  Another header of every request; may be given several times
  --name <name>           Name of the gateway in the report

Cases and output:
  --only <pattern>        Only cases whose id contains this pattern; * matches anything
  --list                  List the cases without running them
  --json                  Print JSON instead of a table
  --junit <file>          Also write JUnit XML to this file
  --concurrency <n>       Cases at the same time (default: 4); cases that measure time run alone
  -h, --help              Show this help

Exit codes: 0 all cases passed, 1 a case failed or none could be run, 2 wrong usage`

const options = {
  command: { type: 'string' },
  'base-path': { type: 'string' },
  'status-path': { type: 'string' },
  url: { type: 'string' },
  'upstream-port': { type: 'string' },
  'keys-file': { type: 'string' },
  'reload-ms': { type: 'string' },
  pool: { type: 'string' },
  key: { type: 'string' },
  header: { type: 'string', multiple: true },
  name: { type: 'string' },
  only: { type: 'string' },
  list: { type: 'boolean' },
  json: { type: 'boolean' },
  junit: { type: 'string' },
  concurrency: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parse>['values']

/** The output of a command: results go to `print`, progress and errors to `say`. */
export interface Output {
  print: (text: string) => void
  say: (text: string) => void
}

/** Runs the command `sfpool-conformance`. Resolves with its exit code. */
export async function runCommandLine(args: readonly string[], output: Output): Promise<number> {
  try {
    const { values } = parse(args)
    if (values.help === true) {
      output.print(help)
      return 0
    }
    const { only, list, json, junit } = values
    const concurrency = wholeNumber(values.concurrency, '--concurrency')
    const targets = list === true ? [] : [targetOf(values)]
    return await presentConformance({ targets, only, list, json, junit, concurrency, ...output })
  } catch (error) {
    if (!(error instanceof UsageError) && !isParseError(error)) throw error
    output.say(`error: ${error.message}\nSee the options with --help`)
    return 2
  }
}

class UsageError extends Error {
  override readonly name = 'UsageError'
}

function isParseError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, strict: true, allowPositionals: false })
}

function targetOf(values: Values): Target {
  const { command, url } = values
  if ((command === undefined) === (url === undefined))
    throw new UsageError('either --command or --url is required')
  return command === undefined ? running(values, url ?? '') : started(values, command)
}

function started(values: Values, template: string): Target {
  const { name, 'base-path': basePath, 'status-path': statusPath } = values
  const headers = headersOf(values)
  return commandTarget({
    command: splitWords(template),
    headers,
    ...(name === undefined ? {} : { name }),
    ...(basePath === undefined ? {} : { basePath }),
    ...(statusPath === undefined ? {} : { status: { path: statusPath, headers } }),
  })
}

function running(values: Values, baseURL: string): Target {
  const { name, 'keys-file': keysFile } = values
  const upstreamPort = wholeNumber(values['upstream-port'], '--upstream-port')
  if (upstreamPort === undefined || keysFile === undefined)
    throw new UsageError('--url also needs --upstream-port and --keys-file')
  const poolSize = wholeNumber(values.pool, '--pool')
  const reloadMs = wholeNumber(values['reload-ms'], '--reload-ms')
  return urlTarget({
    baseURL: baseURL.replace(/\/+$/, ''),
    upstreamPort,
    keysFile,
    headers: headersOf(values),
    ...(name === undefined ? {} : { name }),
    ...(poolSize === undefined ? {} : { poolSize }),
    ...(reloadMs === undefined ? {} : { reloadMs }),
  })
}

function headersOf({ key, header = [] }: Values): Record<string, string> {
  const given = header.map((line): [string, string] => {
    const colon = line.indexOf(':')
    if (colon < 1) throw new UsageError(`--header must be "name: value", received "${line}"`)
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...Object.fromEntries(given) }
}

function wholeNumber(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new UsageError(`${option} must be a whole number, received "${text}"`)
  return Number(text)
}

/** Splits text into words as a shell does: by spaces, but not within quotes. */
export function splitWords(template: string): string[] {
  return [...template.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ''))
}
