import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SiteName } from '../catalogue/model.js'
import { ApiError, apiError } from '../errors/api-error.js'
import { type FaultPlan, noFaults } from '../faults/fault-plan.js'
import type { RecordedRequest } from '../record/recorded-request.js'
import type { Reply } from '../reply/reply.js'
import type { World } from '../world.js'
import type { Call } from './call.js'
import { deliver } from './delivery.js'
import { errorReply, refusalReply, replyInstead } from './reply-instead.js'
import { parseForm, parseJson, readBody } from './request-body.js'
import { baseHeaders, encodingOf, faultHeaders } from './response-headers.js'
import { findRoute } from './routes.js'
import { authenticate, identify, type Sender } from './sender.js'
import { readSteering } from './steering.js'

/** Where a request arrived. */
export interface Arrival {
  world: World
  site: SiteName
  origin: string
}

/** Answers one request of the platform's API, from the first byte to the last, and records it. */
export async function exchange(
  at: Arrival,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, site } = at
  const { runtime, settings, recorder } = world
  const record = beginRecord(at, request)
  response.once('close', () => {
    if (record.finishedAt === undefined) record.abortedAt = runtime.now()
  })
  const body = await readBody(request, settings.maxBodyBytes)
  if (body === 'aborted') return
  const responseHeaders = baseHeaders(world, request.headers)
  const shipment = { response, record, runtime, headers: responseHeaders }
  if (body === 'too-large') {
    return deliver({ ...shipment, plan: noFaults, encoding: undefined }, errorReply('media-too-large'))
  }
  recorder.keepBody(record, body)
  const { call, sender } = await readCall(at, request, { record, body, responseHeaders })
  const { method, path, model } = call
  const plan = world.faults.plan({ key: record.key, account: record.account, model, site, path, method })
  record.faults = plan.ruleIds
  const reply = await answer(call, sender, plan)
  // The call may have added headers of its own by now.
  const headers = { ...responseHeaders, ...faultHeaders(plan) }
  await deliver({ ...shipment, plan, headers, encoding: encodingOf(plan, world, request.headers) }, reply)
}

function beginRecord(
  { world, site }: Arrival,
  { method = 'GET', url = '/', rawHeaders }: IncomingMessage,
): RecordedRequest {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? '' : url.slice(mark + 1)
  return world.recorder.begin({ site, method, path, query, rawHeaders, receivedAt: world.runtime.now() })
}

interface Received {
  record: RecordedRequest
  body: Buffer
  responseHeaders: Record<string, string>
}

async function readCall(
  { world, site, origin }: Arrival,
  { headers }: IncomingMessage,
  { record, body, responseHeaders }: Received,
): Promise<{ call: Call; sender: Sender }> {
  const sender = identify(world, site, headers)
  if (sender.secret !== undefined) record.key = sender.secret
  if (sender.account !== undefined) record.account = sender.account.id
  const contentType = headers['content-type'] ?? ''
  const isForm = /^multipart\/form-data/i.test(contentType)
  const form = isForm ? await parseForm(body, contentType) : undefined
  const json = isForm ? undefined : parseJson(body)
  const model = findModel(json, form, record.path)
  if (model !== undefined) record.model = model
  const call: Call = {
    world,
    site,
    origin,
    method: record.method,
    path: record.path,
    query: new URLSearchParams(record.query),
    body,
    json,
    form,
    model,
    steering: readSteering(headers, json),
    emptyReply: undefined,
    responseHeaders,
    record,
  }
  return { call, sender }
}

/** Runs the call, unless a fault answers in its place. */
async function answer(call: Call, sender: Sender, plan: FaultPlan): Promise<Reply> {
  const { outcome } = plan
  const instead = replyInstead(outcome, call)
  if (instead !== undefined) return instead
  try {
    return await run(outcome?.kind === 'empty-reply' ? { ...call, emptyReply: outcome.reply } : call, sender)
  } catch (error) {
    if (error instanceof ApiError) return refusalReply(error)
    throw error
  }
}

function run(call: Call, sender: Sender): Reply | Promise<Reply> {
  const { regime } = call.world.settings
  const route = findRoute(call.method, call.path)
  if (route === undefined) throw apiError(regime === 'classic' ? 'path-not-found-classic' : 'path-not-found')
  return route.endpoint(authenticate(call, sender, route.takesApiKey === true), route.id)
}

function findModel(json: unknown, form: FormData | undefined, path: string): string | undefined {
  if (typeof json === 'object' && json !== null && 'model' in json) {
    return typeof json.model === 'string' ? json.model : undefined
  }
  const field = form?.get('model')
  if (typeof field === 'string') return field
  return /^\/v1\/(.+)\/(?:text|image)-to-image$/.exec(path)?.[1]
}
