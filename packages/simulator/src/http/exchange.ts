import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Account } from '../account/account.js'
import type { SiteName } from '../catalogue/model.js'
import { ApiError, apiError } from '../errors/api-error.js'
import { type ErrorName, errorSamples } from '../errors/error-samples.js'
import type { Fault, OutcomeFault } from '../faults/fault.js'
import type { FaultPlan } from '../faults/fault-plan.js'
import type { RecordedRequest } from '../record/recorded-request.js'
import { hexId } from '../reply/ids.js'
import { jsonType, type Reply, type WholeReply } from '../reply/reply.js'
import type { World } from '../world.js'
import type { AccountCall, Call } from './call.js'
import { chooseEncoding } from './compress-whole.js'
import { deliver } from './delivery.js'
import { parseForm, parseJson, readBody } from './request-body.js'
import { findRoute } from './routes.js'
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
  const { method = 'GET', url = '/' } = request
  const [path, query] = splitUrl(url)
  const receivedAt = runtime.now()
  const record = recorder.begin({ site, method, path, query, rawHeaders: request.rawHeaders, receivedAt })
  response.once('close', () => {
    if (record.finishedAt === undefined) record.abortedAt = runtime.now()
  })
  const body = await readBody(request, settings.maxBodyBytes)
  if (body === 'aborted') return
  const responseHeaders = createHeaders(world, request)
  if (body === 'too-large') {
    const shipment = { response, record, runtime, plan: { outcome: undefined, manners: [], ruleIds: [] } }
    return deliver(
      { ...shipment, headers: responseHeaders, encoding: undefined },
      errorReply('media-too-large'),
    )
  }
  recorder.keepBody(record, body)
  const { call, sender } = await readCall(at, request, { record, body, query, responseHeaders })
  const plan = world.faults.plan({
    key: record.key,
    account: record.account,
    model: call.model,
    site,
    path,
    method,
  })
  record.faults = plan.ruleIds
  const reply = await answer(call, sender, plan)
  const headers = { ...responseHeaders, ...headersOf(plan) }
  await deliver(
    { response, record, runtime, plan, headers, encoding: encodingOf(plan, world, request) },
    reply,
  )
}

/** Who sent a request. */
interface Sender {
  secret: string | undefined
  /** The header that the key must come in, unless a route takes others too. */
  isBearer: boolean
  account: Account | undefined
  isRevoked: boolean
}

interface Received {
  record: RecordedRequest
  body: Buffer
  query: string
  responseHeaders: Record<string, string>
}

async function readCall(
  { world, site, origin }: Arrival,
  request: IncomingMessage,
  { record, body, query, responseHeaders }: Received,
): Promise<{ call: Call; sender: Sender }> {
  const { headers } = request
  const sender = identify(world, site, headers.authorization, headers['x-api-key'])
  if (sender.secret !== undefined) record.key = sender.secret
  if (sender.account !== undefined) record.account = sender.account.id
  const form = body.length === 0 ? undefined : await parseForm(body, headers['content-type'])
  const json = form === undefined ? parseJson(body) : undefined
  const model = findModel(json, form, record.path)
  if (model !== undefined) record.model = model
  const steering = readSteering(headers, json)
  const { method, path } = record
  const search = new URLSearchParams(query)
  const rest = {
    world,
    site,
    origin,
    record,
    body,
    json,
    form,
    model,
    steering,
    responseHeaders,
    method,
    path,
  }
  return { call: { ...rest, query: search, emptyReply: undefined }, sender }
}

/** Runs the call, unless a fault answers in its place. */
async function answer(call: Call, sender: Sender, plan: FaultPlan): Promise<Reply> {
  const { outcome } = plan
  const named = call.steering.error === undefined ? undefined : errorReply(call.steering.error)
  const instead = replyInstead(outcome, call) ?? named
  if (instead !== undefined) return instead
  try {
    const emptyReply = outcome?.kind === 'empty-reply' ? outcome.reply : undefined
    return await run({ ...call, emptyReply }, sender)
  } catch (error) {
    if (error instanceof ApiError) return sampleReply(error)
    throw error
  }
}

function run(call: Call, sender: Sender): Reply | Promise<Reply> {
  const { regime } = call.world.settings
  const route = findRoute(call.method, call.path)
  if (route === undefined) throw apiError(regime === 'classic' ? 'path-not-found-classic' : 'path-not-found')
  const { secret, account } = sender
  const isPresented = secret !== undefined && (sender.isBearer || route.takesApiKey === true)
  if (!isPresented) throw apiError(regime === 'classic' ? 'token-missing-classic' : 'token-invalid')
  if (account === undefined || sender.isRevoked) {
    throw apiError(regime === 'classic' ? 'token-invalid-classic' : 'token-invalid')
  }
  if (account.status === 'disabled') throw apiError('user-disabled')
  if (account.status === 'expired') throw apiError('user-expired')
  const accountCall: AccountCall = { ...call, account, secret }
  return route.endpoint(accountCall, route.id)
}

function identify(
  { accounts }: World,
  site: SiteName,
  authorization: string | undefined,
  apiKey: string | string[] | undefined,
): Sender {
  const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1]
  const secret = bearer ?? (typeof apiKey === 'string' && apiKey !== '' ? apiKey : undefined)
  const entry = secret === undefined ? undefined : accounts.findKey(site, secret)
  const isBearer = bearer !== undefined
  return { secret, isBearer, account: entry?.account, isRevoked: entry?.status === 'revoked' }
}

/** The answer that a fault puts in the place of the call, which then does not run. */
function replyInstead(fault: OutcomeFault | undefined, { json }: Call): Reply | undefined {
  const isStream = typeof json === 'object' && json !== null && 'stream' in json && json.stream === true
  switch (fault?.kind) {
    case 'error':
      return { ...errorReply(fault.name), ...(fault.status === undefined ? {} : { status: fault.status }) }
    case 'error-event':
      return isStream ? undefined : { ...errorReply(fault.name), status: 200 }
    case 'answer':
      return customReply(fault)
    case 'reset':
    case 'close':
    case 'hang':
      // It will never be sent; the call may have run all the same.
      return fault.at === 'before-headers' && fault.executed !== true
        ? errorReply('internal-error')
        : undefined
    default:
      return undefined
  }
}

function customReply({ status, headers = {}, body = '' }: Extract<Fault, { kind: 'answer' }>): WholeReply {
  const isText = typeof body === 'string'
  const { 'content-type': contentType = isText ? 'text/plain; charset=utf-8' : jsonType, ...rest } =
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { kind: 'whole', status, contentType, headers: rest, body: isText ? body : JSON.stringify(body) }
}

function errorReply(name: ErrorName): WholeReply {
  const { status, contentType, body } = errorSamples[name]
  return { kind: 'whole', status, contentType, body }
}

function sampleReply({ sample, headers }: ApiError): WholeReply {
  const { status, contentType, body } = sample
  return { kind: 'whole', status, contentType, headers, body }
}

function createHeaders({ runtime, settings }: World, { headers }: IncomingMessage): Record<string, string> {
  const { 'x-trace-id': given, traceparent } = headers
  const parent = typeof traceparent === 'string' ? traceparent.split('-')[1] : undefined
  const traceId = typeof given === 'string' && given !== '' ? given : (parent ?? hexId(runtime.random))
  const created: Record<string, string> = { 'x-siliconcloud-trace-id': traceId }
  if (settings.setCookie !== '') created['set-cookie'] = settings.setCookie
  return created
}

function headersOf({ manners }: FaultPlan): Record<string, string> {
  const found = manners.flatMap((manner) => (manner.kind === 'headers' ? Object.entries(manner.headers) : []))
  return Object.fromEntries(found.map(([name, value]) => [name.toLowerCase(), value]))
}

function encodingOf(
  { manners }: FaultPlan,
  { settings }: World,
  { headers }: IncomingMessage,
): ReturnType<typeof chooseEncoding> {
  for (const manner of manners) if (manner.kind === 'compress') return manner.encoding
  const accepted = headers['accept-encoding']
  return chooseEncoding(settings.compression, typeof accepted === 'string' ? accepted : undefined)
}

function findModel(json: unknown, form: FormData | undefined, path: string): string | undefined {
  if (typeof json === 'object' && json !== null && 'model' in json) {
    return typeof json.model === 'string' ? json.model : undefined
  }
  const field = form?.get('model')
  if (typeof field === 'string') return field
  return /^\/v1\/(.+)\/(?:text|image)-to-image$/.exec(path)?.[1]
}

function splitUrl(url: string): [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}
