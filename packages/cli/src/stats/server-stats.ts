import * as v from 'valibot'
import { CliError } from '../cli-error.js'
import type { KeyStatus } from '../config/settings.js'
import { exitCodes } from '../exit-code.js'
import type { StatsReport } from './stats-report.js'

const countSchema = v.number()

const answerSchema = v.object({
  startedAt: v.string(),
  requests: countSchema,
  successes: countSchema,
  waiting: v.optional(countSchema, 0),
  attempts: countSchema,
  tokens: v.object({ prompt: countSchema, completion: countSchema }),
  models: v.array(
    v.object({
      model: v.string(),
      requests: countSchema,
      successes: countSchema,
      promptTokens: countSchema,
      completionTokens: countSchema,
    }),
  ),
  keyStats: v.array(
    v.object({
      key: v.string(),
      label: v.nullable(v.string()),
      status: v.picklist(['ready', 'cooling', 'probing', 'exhausted', 'invalid']),
      isActive: v.boolean(),
      requestCount: countSchema,
      successCount: countSchema,
      lastUsed: v.nullable(v.string()),
    }),
  ),
})

type KeyAnswer = v.InferOutput<typeof answerSchema>['keyStats'][number]

const timeoutMs = 10_000

/** Reads the figures of a running server. Rejects with a `CliError` that says what to do when the server cannot be asked. */
export async function readServerStats(given: {
  url: string
  adminKey: string | undefined
  signal: AbortSignal
}): Promise<StatsReport> {
  const json = await ask(given)
  const parsed = v.safeParse(answerSchema, json)
  if (!parsed.success) throw unexpectedAnswer(given.url)
  const { requests, successes, waiting, startedAt, attempts, tokens, models, keyStats } = parsed.output
  return {
    requests: { total: requests, successes, waiting, since: startedAt },
    attempts,
    tokens,
    models,
    keys: keyStats.map((key) => ({
      key: key.key,
      label: key.label,
      status: statusOf(key),
      requests: key.requestCount,
      successes: key.successCount,
      lastUsedAt: key.lastUsed,
    })),
    json,
  }
}

/** Returns the state of a key. A ready key that is not active was disabled by the operator. */
function statusOf({ status, isActive }: KeyAnswer): KeyStatus {
  return status === 'ready' && !isActive ? 'disabled' : status
}

async function ask({ url, adminKey, signal }: Parameters<typeof readServerStats>[0]): Promise<unknown> {
  const response = await request(`${url.replace(/\/+(v1\/*)?$/, '')}/stats`, adminKey, signal)
  if (response.status === 401 || response.status === 403) {
    throw new CliError(`${url} requires a key`, {
      hint: 'Give the admin key or a client key with --admin-key',
    })
  }
  if (!response.ok) throw unexpectedAnswer(url, `HTTP ${response.status}`)
  try {
    return await response.json()
  } catch {
    throw unexpectedAnswer(url)
  }
}

async function request(
  address: string,
  adminKey: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(address, {
      headers: adminKey === undefined ? {} : { authorization: `Bearer ${adminKey}` },
      // A redirect could send the key to another server.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
  } catch (error) {
    if (signal.aborted) throw error
    throw new CliError(`cannot reach ${address}: ${reason(error)}`, {
      exitCode: exitCodes.unverified,
      cause: error,
    })
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}

function unexpectedAnswer(url: string, what = 'something else'): CliError {
  return new CliError(`${url} did not answer like an sfpool server, but with ${what}`, {
    exitCode: exitCodes.unverified,
  })
}
