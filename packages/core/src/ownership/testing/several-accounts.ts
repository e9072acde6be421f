import { keysOf, makeScenario, type RecordedRequest, type Simulator, startSimulator } from '@sfpool/simulator'
import { onTestFinished } from 'vitest'
import { PoolEmitter } from '../../events.js'
import { StoreFaults } from '../../persistence/store-faults.js'
import { KeyPool } from '../../pool.js'
import { poolFetch } from '../../relay/client/pool-fetch.js'
import type { Sink } from '../../relay/client/sink.js'
import type { RelayReport } from '../../relay/report.js'
import type { Call } from '../../relay/request/call.js'
import { type Runtime, systemRuntime } from '../../runtime/runtime.js'
import { memoryStore } from '../../store/memory/memory-store.js'
import { type TroubledStore, troubledStore } from '../../testing/troubled-store.js'
import type { RelayOptions } from '../fan-out-request.js'
import { OwnedRelay } from '../owned-relay.js'
import { Owners } from '../owners.js'

export interface Init extends RequestInit {
  /** Sent as the body, by POST. */
  readonly json?: unknown
}

/** Several accounts of the simulator behind one relay that knows the owners of resources. */
export interface SeveralAccounts {
  readonly simulator: Simulator
  readonly owners: Owners
  readonly store: TroubledStore
  /** The pool of each account, `account-1` first. Requests without an account go to each in turn. */
  readonly pools: readonly KeyPool[]
  /** The reports of clients' requests. */
  readonly reports: RelayReport[]
  /** The reports of their parts. */
  readonly parts: RelayReport[]
  /** The calls that the engine was to relay, and how. */
  readonly relayed: ({ readonly path: string } & RelayOptions)[]
  readonly errors: string[]
  ask(path: string, init?: Init): Promise<Response>
  json(path: string, init?: Init): Promise<unknown>
  /** Uploads a file of so many lines; resolves with its id. */
  upload(lines?: number): Promise<string>
  /** The requests that have reached the simulator since the last call of this, as `POST /batches account-2`. */
  calls(): string[]
  /** Asks in the name of an account (`1` is `account-1`) without the relay, which so learns nothing. */
  directly(account: number, path: string, init?: Init): Promise<unknown>
}

export interface SeveralAccountsOptions {
  /** @default 3 */
  readonly accounts?: number
  /** The runtime of the relay under test; the pools have the real one. */
  readonly runtime?: Runtime
}

const chatModel = 'Qwen/Qwen2.5-72B-Instruct'

export async function severalAccounts({
  accounts = 3,
  runtime = systemRuntime,
}: SeveralAccountsOptions = {}): Promise<SeveralAccounts> {
  const scenario = makeScenario({ accounts, settings: { queueMs: 0, workMs: 0 } })
  const simulator = await startSimulator({ scenario })
  const { baseURL } = simulator.sites.cn
  const names = keysOf(scenario).map((_, index) => `account-${index + 1}`)
  const pools = keysOf(scenario).map(
    (secret, index) => new KeyPool({ keys: [{ secret, account: names[index] ?? '' }], baseURL }),
  )
  await Promise.all(pools.map((pool) => pool.ready))
  const store = troubledStore(memoryStore())
  const [events, errors] = [new PoolEmitter(), [] as string[]]
  events.on('store-error', ({ error }) => void errors.push(error.message))
  const owners = new Owners({ store, runtime, faults: new StoreFaults(runtime, events) })
  const [reports, parts]: RelayReport[][] = [[], []]
  const relayed: SeveralAccounts['relayed'] = []
  let next = 0
  const relay = async (call: Call, sink: Sink, options: RelayOptions): Promise<RelayReport> => {
    const { account, isPart } = options
    relayed.push({ path: call.path, ...options })
    const pool = pools[account === null ? next++ % pools.length : names.indexOf(account)]
    const report = await (pool as KeyPool).relay(call, sink)
    ;(isPart ? parts : reports)?.push(report)
    return report
  }
  const owned = new OwnedRelay({
    relay,
    owners,
    runtime,
    accounts: () =>
      names.filter((_, index) =>
        pools[index]?.keys.list({ enabled: true }).some(({ status }) => status !== 'invalid'),
      ),
    accountOf: (id) => names[pools.findIndex((pool) => pool.keys.get(id) !== undefined)],
    hasAccount: (account) => names.includes(account),
    onReport: (report) => void reports?.push(report),
  })
  onTestFinished(async () => {
    await owners.settled()
    await Promise.all(pools.map((pool) => pool.close()))
    await simulator.close()
  })
  const [first] = pools as [KeyPool]
  const fetchBelow = poolFetch({
    provider: first.provider,
    baseURL,
    relay: (call, sink) =>
      owned.handles(call)
        ? owned.relay(call, sink)
        : relay(call, sink, { account: null, isPart: false, isFree: false }),
  })
  const ask: SeveralAccounts['ask'] = (path, init) => fetchBelow(`${baseURL}${path}`, requestOf(init))
  let seen = 0
  return {
    simulator,
    owners,
    store,
    pools,
    reports: reports as RelayReport[],
    parts: parts as RelayReport[],
    relayed,
    errors,
    ask,
    json: async (path, init) => (await ask(path, init)).json(),
    upload: async (lines = 1) => {
      const answer = await ask('/files', { method: 'POST', body: batchForm(lines) })
      return ((await answer.json()) as { data: { id: string } }).data.id
    },
    calls() {
      const fresh = simulator.requests.slice(seen)
      seen = simulator.requests.length
      return fresh.map(inWords)
    },
    directly: async (account, path, init) => {
      const pool = pools[account - 1] as KeyPool
      return (await pool.fetch(`${baseURL}${path}`, requestOf(init))).json()
    },
  }
}

const requestOf = ({ json, ...init }: Init = {}): RequestInit =>
  json === undefined
    ? init
    : {
        ...init,
        method: 'POST',
        body: JSON.stringify(json),
        headers: { 'content-type': 'application/json' },
      }

const inWords = ({ method, path, account }: RecordedRequest): string =>
  `${method} ${path.replace('/v1', '')} ${account}`

/** A form that uploads so many requests for a batch. */
export function batchForm(lines: number): FormData {
  const body = { model: chatModel, messages: [{ role: 'user', content: 'Hello' }] }
  const line = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body }
  const form = new FormData()
  form.append('purpose', 'batch')
  form.append('file', new Blob([`${JSON.stringify(line)}\n`.repeat(lines)]), 'work.jsonl')
  return form
}

/** The body of a call that creates a batch from a file. */
export const batchOf = (fileId: string): Record<string, unknown> => ({
  input_file_id: fileId,
  endpoint: '/v1/chat/completions',
  completion_window: '24h',
})
