import type { IncomingMessage, ServerResponse } from 'node:http'
import type { SiteName } from '../catalogue/model.js'
import { ApiError, apiError } from '../errors/api-error.js'
import { type FaultPlan, noFaults } from '../faults/fault-plan.js'
import type { RecordedRequest } from '../record/recorded-request.js'
import type { Reply } from '../reply/reply.js'
import type { World } from '../world.js'
import type { Call } from './call.js'
import { authenticate, type Caller, identify } from './caller.js'
import { deliver } from './delivery.js'
import { errorReply, refusalReply, replacementReply, replyBeforeBody } from './replacement-reply.js'
import { readReplyOverrides } from './reply-overrides.js'
import { readBody, readContent } from './request-body.js'
import { baseHeaders, encodingOf, faultHeaders } from './response-headers.js'
import { findRoute } from './routes.js'

/** The site at which a request arrived. */
export interface SiteContext {
  world: World
  site: SiteName
  origin: string
}

/** Answers and records one request of the platform's API. */
export async function exchange(
  at: SiteContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, site } = at
  const { runtime, settings, faults, recorder } = world
  const { headers } = request
  const caller = identify(world, site, headers)
  const record = beginRecord(at, request, caller)
  response.once('close', () => {
    if (record.finishedAt === undefined) record.abortedAt = runtime.now()
  })
  const responseHeaders = baseHeaders(world, headers)
  const send = (reply: Reply, plan: FaultPlan): Promise<void> => {
    record.faults = plan.ruleIds
    const encoding = encodingOf(plan, world, headers)
    // Read late, because the call may have added headers.
    const all = { ...responseHeaders, ...faultHeaders(plan) }
    return deliver({ response, record, recorder, runtime, settings, plan, headers: all, encoding }, reply)
  }
  const early = faults.plan(record, 'upload')
  if (early.outcome !== undefined) return send(replyBeforeBody(early.outcome), early)
  const body = await readBody(request, settings.maxBodyBytes)
  if (body === 'aborted') return
  if (body === 'too-large') return send(errorReply('media-too-large'), noFaults)
  recorder.keepBody(record, body)
  const content = await readContent(body, headers['content-type'] ?? '', record.path)
  if (content.model !== undefined) record.model = content.model
  const plan = faults.plan(record)
  const query = new URLSearchParams(record.query)
  const overrides = readReplyOverrides(headers, content.json)
  const call: Call = { ...at, ...content, query, overrides, fault: plan.outcome, responseHeaders, record }
  await send(await answer(call, caller), plan)
}

function beginRecord(
  { world, site }: SiteContext,
  { method = 'GET', url = '/', rawHeaders }: IncomingMessage,
  { secret, account }: Caller,
): RecordedRequest {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? '' : url.slice(mark + 1)
  const receivedAt = world.runtime.now()
  const record = world.recorder.begin({ site, method, path, query, rawHeaders, receivedAt })
  if (secret !== undefined) record.key = secret
  if (account !== undefined) record.account = account.id
  return record
}

/** Runs the call, unless a fault replaces its answer. */
async function answer(call: Call, caller: Caller): Promise<Reply> {
  const replacement = replacementReply(call)
  if (replacement !== undefined) return replacement
  try {
    return await run(call, caller)
  } catch (error) {
    if (error instanceof ApiError) return refusalReply(error)
    throw error
  }
}

function run(call: Call, caller: Caller): Reply | Promise<Reply> {
  const { world, record } = call
  const route = findRoute(record.method, record.path)
  if (route === undefined) {
    throw apiError(world.settings.regime === 'classic' ? 'path-not-found-classic' : 'path-not-found')
  }
  return route.endpoint(authenticate(call, caller, route.takesApiKey === true), route.id)
}
