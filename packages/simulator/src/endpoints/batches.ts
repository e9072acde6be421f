import { charge, hasFunds } from '../account/billing.js'
import type { OfferedModel } from '../catalogue/catalogue.js'
import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import {
  isObject,
  type Params,
  readLimit,
  readParams,
  readText,
  requireText,
  resolveModel,
} from '../http/params.js'
import { wordId } from '../reply/ids.js'
import { json, type Reply } from '../reply/reply.js'
import type { BatchLine, StoredBatch, StoredFile } from '../resources.js'
import { batchView } from './batch-view.js'

const hourMs = 3_600_000
const minHours = 24
const maxHours = 336

/** `POST /batches`: costs half, from recharged money only, when the work is done. Rate limits do not apply. */
export function createBatch(call: AccountCall): Reply {
  const params = readParams(call)
  const { account, world } = call
  const { settings, runtime, resources } = world
  const endpoint = requireText(params, 'endpoint')
  if (endpoint !== '/v1/chat/completions') throw apiError('parameter-invalid')
  const completionWindow = readText(params, 'completion_window') ?? `${minHours}h`
  const windowMs = readWindow(completionWindow)
  const file = resources.files.get(account.id, requireText(params, 'input_file_id'))
  if (file === undefined) throw apiError('file-not-found')
  const work = priceLines(call, params, file)
  if (!hasFunds(account, true)) {
    throw apiError(settings.regime === 'classic' ? 'insufficient-balance-classic' : 'insufficient-balance')
  }
  const createdAt = runtime.now()
  const startsAt = createdAt + settings.queueMs
  const batch: StoredBatch = {
    id: `batch_${wordId(runtime.random, 10)}`,
    endpoint,
    inputFileId: file.id,
    completionWindow,
    metadata: params.metadata ?? null,
    lineCount: file.lines.length,
    createdAt,
    startsAt,
    completesAt: startsAt + settings.workMs,
    expiresAt: createdAt + windowMs,
    cancel: () => {},
  }
  // The platform bills the finished requests of an expired batch too; here all of them finish.
  batch.cancel = world.timerSet.schedule(batch.completesAt - createdAt, () =>
    completeBatch(call, batch, work),
  )
  resources.batches.put(account.id, batch)
  return json(batchView(batch, createdAt))
}

/** `GET /batches`: lists the account's batches, newest first. */
export function listBatches(call: AccountCall): Reply {
  const { query, account, world } = call
  const limit = readLimit(call)
  const all = world.resources.batches.list(account.id)
  const after = all.findIndex(({ id }) => id === query.get('after'))
  const rest = all.slice(after + 1)
  const page = rest.slice(0, limit)
  const now = world.runtime.now()
  return json({
    object: 'list',
    data: page.map((batch) => batchView(batch, now)),
    first_id: page.at(0)?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: rest.length > page.length,
  })
}

/** `GET /batches/{id}`: shows a batch. */
export function getBatch(call: AccountCall, id: string): Reply {
  return json(batchView(requireBatch(call, id), call.world.runtime.now()))
}

/** `POST /batches/{id}/cancel`: cancels a batch. A batch that has ended stays unchanged. */
export function cancelBatch(call: AccountCall, id: string): Reply {
  const batch = requireBatch(call, id)
  const now = call.world.runtime.now()
  if (batch.cancelledAt === undefined && now < batch.completesAt) {
    batch.cancelledAt = now
    batch.cancel()
  }
  return json(batchView(batch, now))
}

function requireBatch({ account, world }: AccountCall, id: string): StoredBatch {
  const batch = world.resources.batches.get(account.id, id)
  if (batch === undefined) throw apiError('record-not-found')
  return batch
}

interface Work {
  line: BatchLine
  model: OfferedModel
}

/** Resolves the model of each line. The request may replace the model of all lines. */
function priceLines(call: AccountCall, params: Params, file: StoredFile): Work[] {
  const extra = isObject(params.extra_body) ? params.extra_body : {}
  const replace = isObject(extra.replace) ? extra.replace : isObject(params.replace) ? params.replace : {}
  const replacement = typeof replace.model === 'string' ? replace.model : undefined
  return file.lines.map((line) => ({
    line,
    model: resolveModel({ ...call, model: replacement ?? line.model }, ['chat']),
  }))
}

function completeBatch(
  { account, secret, record, world }: AccountCall,
  batch: StoredBatch,
  work: readonly Work[],
): void {
  const now = world.runtime.now()
  for (const { line, model } of work) {
    const usage = { inputTokens: line.promptTokens, outputTokens: line.outputTokens }
    const bill = { requestId: record.id, key: secret, model, modelId: model.id, usage, now }
    charge(account, { ...bill, isChargeOnly: true, isHalfPrice: true })
  }
  batch.outputFileId = `file-${wordId(world.runtime.random, 10)}`
}

function readWindow(text: string): number {
  const hours = Number(/^(\d{1,3})h$/.exec(text)?.[1] ?? Number.NaN)
  if (!(hours >= minHours && hours <= maxHours)) throw apiError('parameter-invalid')
  return hours * hourMs
}
