import * as v from 'valibot'
import type { KeyStatus } from '../config/settings.js'
import { askServer, type ServerAddress, unexpectedAnswer } from './ask-server.js'
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

/** Reads the figures of a running server. Rejects with a `CliError` that says what to do when the server cannot be asked. */
export async function readServerStats(given: ServerAddress): Promise<StatsReport> {
  const json = await askServer(given, '/stats')
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
