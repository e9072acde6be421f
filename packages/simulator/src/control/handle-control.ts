import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AccountView } from '../account/account.js'
import { errorSamples } from '../errors/error-samples.js'
import type { SiteContext } from '../http/exchange.js'
import { parseJson, readBody } from '../http/request-body.js'
import { ScenarioError } from '../scenario/parse.js'
import type { World } from '../world.js'
import { listRequests } from './request-list.js'

const maxBodyBytes = 16 * 1024 * 1024

/** The reply of a control route: a status and a value to write as JSON. */
interface ControlReply {
  status: number
  value: unknown
}

interface ControlCall {
  world: World
  query: URLSearchParams
  body: unknown
  /** The part of the path after the route's name. */
  id: string
}

type ControlRoute = (call: ControlCall) => ControlReply

const ok = (value: unknown): ControlReply => ({ status: 200, value })
const made = (value: unknown): ControlReply => ({ status: 201, value })
const gone = (what: string): ControlReply => ({ status: 404, value: { error: { message: what } } })
const done: ControlReply = { status: 204, value: undefined }

const routes: Readonly<Record<string, ControlRoute>> = {
  'GET state': ({ world }) => ok(describeWorld(world)),
  'GET requests': ({ world, query }) => ok(listRequests(world.recorder, query)),
  'DELETE requests': ({ world }) => {
    world.recorder.clear()
    return done
  },
  'GET faults': ({ world }) => ok({ items: world.controls.faults.list() }),
  'POST faults': ({ world, body }) => made({ id: world.controls.faults.add(body as never) }),
  'DELETE faults': ({ world, id }) => {
    if (id === '') world.controls.faults.clear()
    else if (!world.controls.faults.remove(id)) return gone(`no fault rule has the id "${id}"`)
    return done
  },
  'GET accounts': ({ world, id }) => {
    if (id === '') return ok({ items: world.controls.accounts.list().map(viewOfAccount) })
    const account = world.controls.accounts.get(id)
    return account === undefined ? gone(`no account has the id "${id}"`) : ok(viewOfAccount(account))
  },
  'POST accounts': ({ world, body }) => made(viewOfAccount(world.controls.accounts.add(body as never))),
  'PATCH accounts': ({ world, id, body }) =>
    ok(viewOfAccount(world.controls.accounts.update(id, body as never))),
  'GET models': ({ world }) => ok({ items: world.controls.models.list() }),
  'POST models': ({ world, body }) => {
    world.controls.models.add(body as never)
    return made(body)
  },
  'PATCH models': ({ world, id, body }) => {
    world.controls.models.update(id, body as never)
    return ok({ items: world.controls.models.list().filter((model) => model.id === id) })
  },
  'GET settings': ({ world }) => ok(world.controls.settings.get()),
  'PATCH settings': ({ world, body }) => ok(world.controls.settings.update(body as never)),
  'GET errors': () => ok(errorSamples),
}

/** Serves `/_sim/…`, where the state of the simulator can be read and changed as JSON. */
export async function handleControl(
  { world }: SiteContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '' } = request
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const [name = '', ...rest] = pathname.slice('/_sim/'.length).split('/')
  const route = routes[`${method} ${name}`]
  const body = await readBody(request, maxBodyBytes)
  if (body === 'aborted') return
  const { status, value } =
    route === undefined || body === 'too-large'
      ? gone(`${method} ${pathname} is not a control route; GET /_sim/state lists the routes`)
      : attempt(() => {
          const id = decodeId(rest.join('/'))
          return route({ world, query: searchParams, id, body: decodeBody(body) })
        })
  if (value === undefined) {
    response.writeHead(status).end()
    return
  }
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
}

function decodeId(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new ScenarioError('id', 'must be encoded for an address', text)
  }
}

function decodeBody(body: Buffer): unknown {
  const value = parseJson(body)
  if (value === undefined && body.length > 0) throw new ScenarioError('body', 'must be JSON', String(body))
  return value
}

function attempt(answer: () => ControlReply): ControlReply {
  try {
    return answer()
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    return { status: 400, value: { error: { message: error.message, path: error.path, rule: error.rule } } }
  }
}

/** Converts an account for HTTP, where instants are ISO 8601. */
function viewOfAccount({ ledger, ...account }: AccountView): Record<string, unknown> {
  return { ...account, ledger: ledger.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })) }
}

function describeWorld({ controls, recorder, runtime }: World): Record<string, unknown> {
  const accounts = controls.accounts
    .list()
    .map(({ ledger, ...account }) => ({ ...account, billCount: ledger.length }))
  return {
    now: new Date(runtime.now()).toISOString(),
    settings: controls.settings.get(),
    accounts,
    faults: controls.faults.list(),
    requestCount: recorder.count,
    keptRequestCount: recorder.requests.length,
    routes: Object.keys(routes).map((route) => route.replace(' ', ' /_sim/')),
  }
}
