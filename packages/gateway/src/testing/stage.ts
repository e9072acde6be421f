import { Writable } from 'node:stream'
import { KeyPool, type PoolOptions } from '@sfpool/core'
import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { onTestFinished } from 'vitest'
import { createGateway, type Gateway } from '../gateway.js'
import type { GatewayOptions } from '../options.js'

/** A gateway in front of a pool in front of the simulator. All three are closed when the test ends. */
export interface Stage {
  readonly sim: Simulator
  readonly pool: KeyPool
  readonly gateway: Gateway
  /** The secrets of the pool's keys. */
  readonly keys: readonly string[]
  ask(path: string, init?: RequestInit): Promise<Response>
}

export async function stage(options: GatewayOptions = {}, poolOptions: PoolOptions = {}): Promise<Stage> {
  const scenario = makeScenario({ accounts: 2 })
  const keys = keysOf(scenario)
  const sim = await startSimulator({ scenario })
  onTestFinished(() => sim.close())
  // A provider object brings its own base URL.
  const upstream = poolOptions.provider === undefined ? { baseURL: sim.sites.cn.baseURL } : {}
  const pool = new KeyPool({ keys, ...upstream, ...poolOptions })
  onTestFinished(() => pool.close())
  await pool.ready
  const gateway = createGateway(pool, options)
  onTestFinished(() => gateway.close())
  const ask = (path: string, init?: RequestInit) =>
    gateway.fetch(new Request(`http://gateway.example${path}`, init))
  return { sim, pool, gateway, keys, ask }
}

/** A small chat request. */
export function chat(extra: Record<string, unknown> = {}): RequestInit {
  const body = { model: 'Qwen/Qwen3-8B', messages: [{ role: 'user', content: 'hello' }], ...extra }
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** A stream that keeps what a logger writes to it. */
export class LogCapture extends Writable {
  text = ''

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }

  /** The lines so far, parsed as JSON. */
  get lines(): Record<string, unknown>[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}
