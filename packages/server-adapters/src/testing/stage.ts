import { KeyPool, type PoolOptions } from '@sfpool/core'
import type { GatewayOptions } from '@sfpool/gateway'
import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { onTestFinished } from 'vitest'
import type { AppPlan, RunningApp, StartApp } from './app.js'

export interface StageOptions {
  readonly plan?: Partial<AppPlan>
  readonly path?: string
  readonly gateway?: GatewayOptions
  readonly pool?: PoolOptions
  /** How many keys the pool holds. @default 2 */
  readonly keyCount?: number
}

/** An app in front of a pool in front of the simulator. All three are closed when the test ends. */
export interface Stage {
  readonly sim: Simulator
  readonly pool: KeyPool
  readonly app: RunningApp
  /** The secrets of the pool's keys. */
  readonly keys: readonly string[]
  /** Scheme, host and port, then the mount's path. */
  readonly url: string
}

export async function stage(start: StartApp, options: StageOptions = {}): Promise<Stage> {
  const scenario = makeScenario({ accounts: options.keyCount ?? 2 })
  const keys = keysOf(scenario)
  const sim = await startSimulator({ scenario })
  onTestFinished(() => sim.close())
  const pool = new KeyPool({ keys, baseURL: sim.sites.cn.baseURL, ...options.pool })
  onTestFinished(() => pool.close())
  await pool.ready
  const path = options.path ?? ''
  const mount = { path, pool, ...(options.gateway === undefined ? {} : { options: options.gateway }) }
  const app = await start({ mounts: [mount], ...options.plan })
  onTestFinished(() => app.close())
  return { sim, pool, app, keys, url: `http://127.0.0.1:${app.port}${path}` }
}

/** A small chat request. */
export function chat(extra: Record<string, unknown> = {}): RequestInit {
  const body = { model: 'Qwen/Qwen3-8B', messages: [{ role: 'user', content: 'hello' }], ...extra }
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** The only request that the simulator received. */
export function onlyRequest({ sim }: Stage): Simulator['requests'][number] {
  const [request, ...others] = sim.requests
  if (request === undefined || others.length > 0) {
    throw new Error(`expected one request at the upstream, saw ${sim.requests.length}`)
  }
  return request
}
