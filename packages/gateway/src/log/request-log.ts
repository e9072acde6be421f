import type { KeyPoolError, OutcomeKind, RelayReport } from '@sfpool/core'
import { type DestinationStream, type Level, type Logger, pino } from 'pino'
import { AppLog } from './app-log.js'
import { shownPath } from './shown-path.js'

/** Headers that carry secrets. The gateway logs no headers, but lines that an app adds to the logger may hold them. */
const secretHeaders = [
  'authorization',
  '["x-api-key"]',
  '["api-key"]',
  'cookie',
  '["set-cookie"]',
  '["proxy-authorization"]',
]

const redacted: string[] = secretHeaders.flatMap((name) => {
  const member = name.startsWith('[') ? name : `.${name}`
  return [member.replace(/^\./, ''), `headers${member}`, `req.headers${member}`]
})

/** A request that the gateway answered itself, and its answer. */
interface AnsweredRequest {
  readonly requestId: string
  readonly method: string
  /** The path as received. The log leaves its query out. */
  readonly path: string
  readonly status: number
  readonly bytes: number
  readonly durationMs: number
  readonly outcome: OutcomeKind
  /** Code of the gateway's refusal or error. */
  readonly code?: string | undefined
  /** The client's address, where a wrong key came from it. */
  readonly address?: string | undefined
  /** Whether it was a health check of a platform or a preflight of a browser, which are logged at debug level only. */
  readonly isRoutine?: boolean | undefined
}

/** Writes one line per request. */
export interface RequestLog {
  /** Logs a request that never reached the pool. */
  answered(request: AnsweredRequest): void
  /** Logs a request that the pool relayed. */
  relayed(
    request: Pick<AnsweredRequest, 'requestId' | 'method' | 'path' | 'durationMs'>,
    report: RelayReport,
  ): void
  /** Logs that the connection of a request that is logged already was closed before its answer had left whole. */
  cutOff(request: Pick<AnsweredRequest, 'requestId' | 'method' | 'path'>, error: KeyPoolError): void
  /** Logs an error that is not the client's fault. */
  failed(message: string, error: unknown): void
  /** The newest lines. */
  readonly lines: Pick<AppLog, 'recent'>
  /** Resolves when all lines are written. */
  close(): Promise<void>
}

/** Of a logger of the app's own, which alone knows its lines. */
const noLines: RequestLog['lines'] = { recent: () => ({ total: 0, items: [], next: null }) }

const silentLog: RequestLog = {
  answered: () => {},
  relayed: () => {},
  cutOff: () => {},
  failed: () => {},
  lines: noLines,
  close: async () => {},
}

/** Makes the log that the option `logger` describes. Its lines hold no header, query or body. */
export function requestLog(
  option: AppLog | Logger | Level | false | undefined,
  now: () => number,
): RequestLog {
  if (option === undefined || option === false) return silentLog
  if (option instanceof AppLog) return logToLines(option, now)
  if (typeof option === 'string') return logToLines(new AppLog({ level: option, now }), now)
  return { ...logTo(option, () => flush(option)), lines: noLines }
}

/** Logs JSON lines. Nearly all are about requests that succeeded, and these bypass pino, which takes longer. */
export function logToLines(lines: AppLog, now: () => number): RequestLog {
  const logger = redactingLogger(lines.level, lines)
  lines.onLevel((level) => {
    logger.level = level
  })
  const log = logTo(logger, () => lines.close())
  return {
    ...log,
    lines,
    relayed(request, report) {
      if (report.status >= 500 || report.error !== null) log.relayed(request, report)
      else if (lines.isEnabled('info')) lines.write(relayedLine(request, report, now()))
    },
  }
}

/**
 * The line of a request that succeeded, as pino would write it. The request id, the method and the ids of keys hold no
 * character that JSON escapes.
 */
function relayedLine(
  { requestId, method, path, durationMs }: Parameters<RequestLog['relayed']>[0],
  { model, askedModel, client, status, outcome, attempts, usage, bytes, waitedMs }: RelayReport,
  time: number,
): string {
  let keys = ''
  for (const { key } of attempts) keys += keys === '' ? `"${key}"` : `,"${key}"`
  const name = model === '' ? 'null' : JSON.stringify(model)
  const asked = askedModel === model ? '' : `,"askedModel":${JSON.stringify(askedModel)}`
  const request = `"requestId":"${requestId}","method":"${method}","path":${JSON.stringify(shownPath(path))},"model":${name}${asked}`
  const result = `"status":${status},"outcome":"${outcome}","attempts":${attempts.length},"keys":[${keys}]`
  const trail = attempts.length < 2 ? '' : `,"trail":"${trailOf(attempts)}"`
  const waited = waitedMs > 0 ? `,"waitedMs":${waitedMs}` : ''
  const tokens =
    usage === null ? '' : `,"promptTokens":${usage.promptTokens},"completionTokens":${usage.completionTokens}`
  const who = client === null ? '' : `,"client":${JSON.stringify(client)}`
  return `{"level":30,"time":${time},${request}${who},${result}${trail},"durationMs":${durationMs}${waited}${tokens},"bytes":${bytes},"msg":"request"}\n`
}

/**
 * The attempts of a request in one field, as in `k1 rate-limited 429, k2 success 200`. A single attempt needs no such
 * field, because the others of the line describe it.
 */
function trailOf(attempts: RelayReport['attempts']): string | undefined {
  if (attempts.length < 2) return undefined
  return attempts
    .map(({ key, outcome, status }) => `${key} ${outcome}${status === null ? '' : ` ${status}`}`)
    .join(', ')
}

/** Makes a logger of JSON lines that replaces the values of headers that carry secrets. */
export function redactingLogger(level: Level | 'silent', stream: DestinationStream): Logger {
  return pino({ level, base: null, redact: { paths: redacted, censor: '[redacted]' } }, stream)
}

function logTo(logger: Logger, close: () => Promise<void>): Omit<RequestLog, 'lines'> {
  return {
    answered({ requestId, method, path, status, outcome, code, bytes, durationMs, isRoutine, address }) {
      const level = status >= 500 ? 'warn' : isRoutine === true ? 'debug' : 'info'
      if (!logger.isLevelEnabled(level)) return
      logger[level](
        { requestId, method, path: shownPath(path), status, outcome, code, address, bytes, durationMs },
        'request',
      )
    },
    relayed({ requestId, method, path, durationMs }, report) {
      const { model, askedModel, client, status, outcome, attempts, usage, bytes, error, waitedMs } = report
      const level = status >= 500 ? 'warn' : 'info'
      if (!logger.isLevelEnabled(level)) return
      const line = {
        requestId,
        method,
        path: shownPath(path),
        model: model === '' ? null : model,
        askedModel: askedModel === model ? undefined : askedModel,
        client: client ?? undefined,
        status,
        outcome,
        attempts: attempts.length,
        keys: attempts.map(({ key }) => key),
        trail: trailOf(attempts),
        durationMs,
        waitedMs: waitedMs > 0 ? waitedMs : undefined,
        promptTokens: usage?.promptTokens,
        completionTokens: usage?.completionTokens,
        bytes,
        code: error?.code,
        reason: error?.message,
      }
      logger[level](line, 'request')
    },
    cutOff({ requestId, method, path }, { code, message }) {
      logger.info({ requestId, method, path: shownPath(path), code, reason: message }, 'connection closed')
    },
    failed(message, error) {
      logger.error({ err: error }, message)
    },
    close,
  }
}

/** Writes what an app's own logger holds back. The logger stays open. */
function flush(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    if (typeof logger.flush === 'function') logger.flush(() => resolve())
    else resolve()
  })
}
