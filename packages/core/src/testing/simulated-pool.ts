import {
  keysOf,
  makeScenario,
  type RecordedRequest,
  type ScenarioRecipe,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '@sfpool/simulator'
import { onTestFinished } from 'vitest'
import type { KeyView } from '../key/key-view.js'
import { KeyPool } from '../pool.js'
import type { PoolOptions } from '../pool-options.js'
import type { Runtime } from '../runtime/runtime.js'
import type { FakeRuntime } from './fake-runtime.js'

/** A model of the simulator's that does not think, with usage in every chunk. */
export const model = 'Qwen/Qwen2.5-72B-Instruct'

export interface SimulatedPoolOptions {
  /** Keys, each of an account of its own. @default 2 */
  readonly keys?: number
  readonly scenario?: ScenarioRecipe
  readonly simulator?: Omit<SimulatorOptions, 'scenario'>
  readonly pool?: PoolOptions
  /** Time and chance of the pool's own. @default the real ones */
  readonly runtime?: FakeRuntime
}

/** A pool whose upstream is the simulator, and what a test wants to do with it. Both are closed after the test. */
export interface SimulatedPool {
  readonly pool: KeyPool
  readonly simulator: Simulator
  /** The secrets, in the order in which they are tried. */
  readonly keys: readonly string[]
  /** Sends JSON by POST, or a GET without a body. */
  ask(path: string, body?: unknown, init?: RequestInit): Promise<Response>
  /** Asks for a chat answer. */
  chat(fields?: Readonly<Record<string, unknown>>, init?: RequestInit): Promise<Response>
  /** The same as a stream. */
  stream(fields?: Readonly<Record<string, unknown>>, init?: RequestInit): Promise<Response>
  /** The requests that reached the simulator. */
  readonly calls: readonly RecordedRequest[]
  /** Which keys were used, by their place in `keys`. */
  readonly usedKeys: readonly number[]
  /** In a word per key what stands against it: its status, or why its account cools down on a model. */
  readonly health: readonly string[]
}

export async function simulatedPool(options: SimulatedPoolOptions = {}): Promise<SimulatedPool> {
  const scenario = makeScenario({ accounts: options.keys ?? 2, ...options.scenario })
  const simulator = await startSimulator({ ...options.simulator, scenario })
  const keys = keysOf(scenario, 'cn')
  const pool = new KeyPool({
    keys,
    baseURL: simulator.sites.cn.baseURL,
    strategy: 'sequential',
    ...(options.runtime === undefined ? {} : { runtime: asOption(options.runtime) }),
    ...options.pool,
  })
  onTestFinished(async () => {
    await pool.close()
    await simulator.close()
  })
  const ask = (path: string, body?: unknown, init: RequestInit = {}): Promise<Response> =>
    pool.fetch(`${pool.baseURL}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...init,
      headers: { 'content-type': 'application/json', ...init.headers },
    })
  const chat: SimulatedPool['chat'] = (fields, init) =>
    ask('/chat/completions', { model, messages: [{ role: 'user', content: 'Hello, 世界' }], ...fields }, init)
  return {
    pool,
    simulator,
    keys,
    ask,
    chat,
    stream: (fields, init) => chat({ stream: true, ...fields }, init),
    get calls() {
      return simulator.requests
    },
    get usedKeys() {
      return simulator.requests.map(({ key }) => keys.indexOf(key ?? ''))
    },
    get health() {
      return pool.keys.list().map(healthOf)
    },
  }
}

/** A pool takes nothing but what it knows. */
const asOption = ({ now, monotonic, random, setTimer, clearTimer }: FakeRuntime): Runtime => ({
  now,
  monotonic,
  random,
  setTimer,
  clearTimer,
})

function healthOf({ status, cooldowns }: KeyView): string {
  const [cooldown] = cooldowns
  return status === 'ready' && cooldown !== undefined ? `${cooldown.reason} on ${cooldown.model}` : status
}

/** The data of a stream's events. */
export function dataOf(stream: string): string[] {
  return stream
    .split('\n\n')
    .flatMap((event) => event.split('\n'))
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6))
}

/** A body read to its end, or as far as it came, and why it stopped there. */
export async function readAll(response: Response): Promise<{ text: string; error: unknown }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
    return { text, error: null }
  } catch (error) {
    return { text, error }
  }
}
