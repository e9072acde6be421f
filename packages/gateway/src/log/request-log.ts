import type { OutcomeKind, RelayReport } from '@sfpool/core'
import { type DestinationStream, type Level, type Logger, pino } from 'pino'
import { pathnameOf } from '../http/target.js'
import { LineBuffer } from './line-buffer.js'

/** The headers that carry secrets. Our own lines hold no headers; this is for lines that users of the logger add. */
const secretHeaders = [
  'authorization',
  '["x-api-key"]',
  'cookie',
  '["set-cookie"]',
  '["proxy-authorization"]',
]

const redacted: string[] = secretHeaders.flatMap((name) => {
  const member = name.startsWith('[') ? name : `.${name}`
  return [member.replace(/^\./, ''), `headers${member}`, `req.headers${member}`]
})

/** Longer paths are cut: a line must stay readable, and no upstream knows one. */
const maxPathLength = 256

/** What was asked, and what the client got, as far as the gateway itself answered. */
interface AnsweredRequest {
  readonly requestId: string
  readonly method: string
  /** With or without query; the log has it without. */
  readonly path: string
  readonly status: number
  readonly bytes: number
  readonly durationMs: number
  readonly outcome: OutcomeKind
  /** The code of our refusal or error. */
  readonly code?: string | undefined
  /** A health check of a platform or a preflight of a browser: too frequent for any level above debug. */
  readonly isRoutine?: boolean | undefined
}

export interface RequestLog {
  /** A request that never reached the pool. */
  answered(request: AnsweredRequest): void
  /** A request that the pool relayed. */
  relayed(
    request: Pick<AnsweredRequest, 'requestId' | 'method' | 'path' | 'durationMs'>,
    report: RelayReport,
  ): void
  /** Something broke that is not the client's fault. */
  failed(message: string, error: unknown): void
  /** Resolves when everything is written. */
  close(): Promise<void>
}

const silentLog: RequestLog = {
  answered: () => {},
  relayed: () => {},
  failed: () => {},
  close: async () => {},
}

/** The request log that the option describes: one line per request, never a header, a query or a body. */
export function requestLog(option: Logger | Level | false | undefined, now: () => number): RequestLog {
  if (option === undefined || option === false) return silentLog
  if (typeof option !== 'string') return logTo(option, () => flushed(option))
  return logToLines(option, new LineBuffer(2, now), now)
}

/** Our own JSON lines. Nearly every one tells of a request that went well, and is written without the logger's detour. */
export function logToLines(level: Level, lines: LineBuffer, now: () => number): RequestLog {
  const log = logTo(redactingLogger(level, lines), () => lines.close())
  if (level !== 'info' && level !== 'debug' && level !== 'trace') return log
  return {
    ...log,
    relayed(request, report) {
      if (report.status >= 500 || report.error !== null) log.relayed(request, report)
      else lines.write(relayedLine(request, report, now()))
    },
  }
}

/**
 * The line of a request that went well, as the logger would write it. A request's id, method and key ids are made of
 * letters that JSON need not escape.
 */
function relayedLine(
  { requestId, method, path, durationMs }: Parameters<RequestLog['relayed']>[0],
  { model, askedModel, status, outcome, attempts, usage, bytes, waitedMs }: RelayReport,
  time: number,
): string {
  let keys = ''
  for (const { key } of attempts) keys += keys === '' ? `"${key}"` : `,"${key}"`
  const name = model === '' ? 'null' : JSON.stringify(model)
  const asked = askedModel === model ? '' : `,"askedModel":${JSON.stringify(askedModel)}`
  const request = `"requestId":"${requestId}","method":"${method}","path":${JSON.stringify(shown(path))},"model":${name}${asked}`
  const result = `"status":${status},"outcome":"${outcome}","attempts":${attempts.length},"keys":[${keys}]`
  const trail = attempts.length < 2 ? '' : `,"trail":"${trailOf(attempts)}"`
  const waited = waitedMs > 0 ? `,"waitedMs":${waitedMs}` : ''
  const tokens =
    usage === null ? '' : `,"promptTokens":${usage.promptTokens},"completionTokens":${usage.completionTokens}`
  return `{"level":30,"time":${time},${request},${result}${trail},"durationMs":${durationMs}${waited}${tokens},"bytes":${bytes},"msg":"request"}\n`
}

/**
 * The attempts of a request in one field, as in `k1 rate-limited 429, k2 success 200`. Of a single attempt the line
 * says all that anyway.
 */
function trailOf(attempts: RelayReport['attempts']): string | undefined {
  if (attempts.length < 2) return undefined
  return attempts
    .map(({ key, outcome, status }) => `${key} ${outcome}${status === null ? '' : ` ${status}`}`)
    .join(', ')
}

/** JSON lines in which the headers that carry secrets are blotted out, whoever logs them. */
export function redactingLogger(level: Level, stream: DestinationStream): Logger {
  return pino({ level, base: null, redact: { paths: redacted, censor: '[redacted]' } }, stream)
}

function logTo(logger: Logger, close: () => Promise<void>): RequestLog {
  return {
    answered({ requestId, method, path, status, outcome, code, bytes, durationMs, isRoutine }) {
      const level = status >= 500 ? 'warn' : isRoutine === true ? 'debug' : 'info'
      if (!logger.isLevelEnabled(level)) return
      logger[level](
        { requestId, method, path: shown(path), status, outcome, code, bytes, durationMs },
        'request',
      )
    },
    relayed({ requestId, method, path, durationMs }, report) {
      const { model, askedModel, status, outcome, attempts, usage, bytes, error, waitedMs } = report
      const level = status >= 500 ? 'warn' : 'info'
      if (!logger.isLevelEnabled(level)) return
      const line = {
        requestId,
        method,
        path: shown(path),
        model: model === '' ? null : model,
        askedModel: askedModel === model ? undefined : askedModel,
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
    failed(message, error) {
      logger.error({ err: error }, message)
    },
    close,
  }
}

function shown(path: string): string {
  const pathname = pathnameOf(path)
  return pathname.length > maxPathLength ? `${pathname.slice(0, maxPathLength)}…` : pathname
}

/** A logger of the user's stays open: only what it holds back is written. */
function flushed(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    if (typeof logger.flush === 'function') logger.flush(() => resolve())
    else resolve()
  })
}
