import { ConfigError, type Runtime } from '@sfpool/core'
import type { Level, Logger } from 'pino'
import * as v from 'valibot'
import type { AppLog } from './log/app-log.js'

/** Options of a gateway. */
export interface GatewayOptions {
  /** Keys that let clients in, by `Authorization: Bearer`, `x-api-key` or `api-key`. @default none: no client needs a key */
  readonly clientKeys?: readonly string[] | undefined
  /** Key that opens admin routes, and client routes too. @default none: admin routes are closed */
  readonly adminKey?: string | undefined
  /** Largest request body, in bytes; above it the answer is 413. @default 104_857_600 */
  readonly maxBody?: number | undefined
  /**
   * How long a client may take nothing of its answer, in milliseconds; its connection is then closed and the upstream
   * call ended. 0 for no limit. @default 60_000
   */
  readonly sendTimeoutMs?: number | undefined
  /**
   * How long a client may pause while it sends a body, kept or passed on as it comes, in milliseconds; it then gets 408.
   * 0 for no limit. @default 60_000
   */
  readonly bodyTimeoutMs?: number | undefined
  /**
   * Bytes per second that a body must come with, on average over `bodyTimeoutMs`; a client that sends less gets 408,
   * however steadily it sends. 0 for any rate. @default 512
   */
  readonly bodyMinRate?: number | undefined
  /**
   * Where the application log goes: an `AppLog`, a level (JSON lines on stderr), a pino logger, or false for none.
   * Administrators read the newest lines by `/admin/api/logs`, but for a pino logger, which keeps its own.
   * @default false
   */
  readonly logger?: AppLog | Logger | Level | false | undefined
  /** Path under which a reverse proxy passes everything on, as in `/llm`; other paths are 404. @default '' */
  readonly basePath?: string | undefined
  /** Origins whose web pages may call: true for all, or a list like `https://app.example`. @default false */
  readonly cors?: boolean | readonly string[] | undefined
  /**
   * Refuses requests of web pages that are neither from this machine nor listed in `cors`, and requests under a host
   * name that is not this machine's. For a server that only this machine reaches and that asks for no client key:
   * without this, any page that the user visits could spend the keys. @default false
   */
  readonly localOnly?: boolean | undefined
  /**
   * Whether every client may see which attempts were made for its request, by which keys (their ids) and how they
   * ended: JSON in the header `x-sfpool-trace`. A caller with the admin key always may. @default false
   */
  readonly trace?: boolean | undefined
  /** Shown by `/info` and `/`. @default 'sfpool' */
  readonly name?: string | undefined
  /** Shown by `/info` and `/`. @default this package's version */
  readonly version?: string | undefined
  /** Runs on `POST /reload-keys` and returns the number of keys. @default the pool reads its store again */
  readonly reloadKeys?: (() => Promise<number> | number) | undefined
  /** Sources of time and randomness in place of the system's, for tests. */
  readonly runtime?: Partial<Runtime> | undefined
}

/** Default of the option `maxBody`, in bytes. */
export const defaultMaxBody: number = 100 * 1024 * 1024

/** Default of the options `sendTimeoutMs` and `bodyTimeoutMs`. */
export const defaultStallMs = 60_000

/** Default of the option `bodyMinRate`: far below the slowest network that carries a telephone's data. */
export const defaultMinRate = 512

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

const key = (what: string) =>
  v.pipe(
    v.string(`${what} must be a string`),
    v.regex(/^[\x21-\x7e]+$/, `${what} must be printable ASCII without spaces, and not empty`),
  )

/** Beyond it, a timer of JavaScript would run at once. */
const longestTimerMs = 2_147_483_647

const duration = v.pipe(
  v.number('must be a number of milliseconds'),
  v.integer('must be a whole number of milliseconds'),
  v.minValue(0, 'must not be negative'),
  v.maxValue(longestTimerMs, `must not be above ${longestTimerMs}`),
)

const rate = v.pipe(
  v.number('must be a number of bytes per second'),
  v.integer('must be a whole number of bytes per second'),
  v.minValue(0, 'must not be negative'),
)

const isLogger = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['info', 'onLevel'].some((name) => typeof Reflect.get(value, name) === 'function')

const schema = v.strictObject(
  {
    clientKeys: v.optional(v.array(key('each client key'), 'must be a list of keys')),
    adminKey: v.optional(key('the admin key')),
    maxBody: v.optional(
      v.pipe(
        v.number('must be a number of bytes'),
        v.integer('must be a whole number of bytes'),
        v.minValue(1, 'must be at least 1'),
      ),
    ),
    sendTimeoutMs: v.optional(duration),
    bodyTimeoutMs: v.optional(duration),
    bodyMinRate: v.optional(rate),
    logger: v.optional(
      v.union(
        [v.literal(false), v.picklist(levels), v.custom(isLogger)],
        `must be false, one of ${levels.join(', ')}, an AppLog or a pino logger`,
      ),
    ),
    basePath: v.optional(
      v.pipe(v.string('must be a path'), v.regex(/^(?:\/[\w.~-]+)*\/?$/, "must be a path like '/llm'")),
    ),
    cors: v.optional(
      v.union(
        [v.boolean(), v.array(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/i)))],
        "must be true, false or a list of origins like 'https://app.example'",
      ),
    ),
    localOnly: v.optional(v.boolean('must be true or false')),
    trace: v.optional(v.boolean('must be true or false')),
    name: v.optional(v.string('must be a string')),
    version: v.optional(v.string('must be a string')),
    reloadKeys: v.optional(v.function('must be a function')),
    runtime: v.optional(
      v.custom((value) => typeof value === 'object' && value !== null, 'must be an object'),
    ),
  },
  'is not an option of the gateway',
)

/** Checks the options of a gateway without changing them. Throws a `ConfigError` that names the first wrong one. */
export function checkOptions(options: GatewayOptions): void {
  const result = v.safeParse(schema, options, { abortEarly: true })
  if (!result.success) {
    const [issue] = result.issues
    const path = v.getDotPath(issue) ?? 'options'
    throw new ConfigError(path, issue.message, /Key/.test(path) ? 'a key' : issue.input)
  }
  checkDistinct(options)
}

/** The keys of a gateway, which may be replaced while it runs. */
export type AccessKeys = Pick<GatewayOptions, 'clientKeys' | 'adminKey'>

/** Checks keys that replace others. Whether clients need a key at all stays as it is. */
export function checkKeys({ clientKeys, adminKey }: AccessKeys, isGuarded: boolean): void {
  checkOptions({ clientKeys, adminKey })
  if ((clientKeys ?? []).length > 0 !== isGuarded)
    throw new ConfigError(
      'clientKeys',
      isGuarded
        ? 'must hold a key, because the gateway was made with one'
        : 'cannot be added to an open gateway',
      isGuarded ? 'none' : 'some',
    )
}

function checkDistinct({ adminKey, clientKeys = [] }: AccessKeys): void {
  if (adminKey !== undefined && clientKeys.includes(adminKey)) {
    throw new ConfigError('adminKey', 'must differ from every client key', 'the same key')
  }
}
