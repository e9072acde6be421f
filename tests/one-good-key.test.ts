import { KeyPool } from '@sfpool/core'
import {
  type FaultRuleInput,
  keysOf,
  makeScenario,
  type RecordedRequest,
  type Simulator,
  startSimulator,
} from '@sfpool/simulator'
import { afterEach, describe, expect, it } from 'vitest'
import { type FakeRuntime, fakeRuntime } from '../packages/core/src/testing/fake-runtime.js'

const scenario = makeScenario({ accounts: 50 })
const keys = keysOf(scenario)
const goodKey = keys[37]
const badKeys = keys.filter((key) => key !== goodKey)

type Fault = FaultRuleInput['fault']
const firstByte = 60
const faults: Record<string, Fault> = {
  'a refused secret (401)': { kind: 'error', name: 'token-invalid' },
  'no balance (402)': { kind: 'error', name: 'insufficient-balance' },
  'a rate limit (429)': { kind: 'error', name: 'rate-limit-tpm' },
  'overload (503)': { kind: 'error', name: 'overloaded' },
  'a reset': { kind: 'reset', at: 'before-headers' },
  'a reset in the middle of a reply': { kind: 'reset', at: 'mid-body', afterEvents: 1 },
  silence: { kind: 'hang', at: 'before-headers' },
}

describe('a pool of 50 keys of which one works', () => {
  let simulator: Simulator
  let pool: KeyPool
  let watch: NodeJS.Timeout
  /** The keys whose calls hang, and the last of these calls that was ended. */
  let hanging: Set<string>
  let ended: RecordedRequest | undefined

  afterEach(async () => {
    clearInterval(watch)
    await pool.close()
    await simulator.close()
  })

  const start = async (faultOf: (index: number) => Fault): Promise<void> => {
    simulator = await startSimulator({ scenario })
    hanging = new Set()
    badKeys.forEach((key, index) => {
      const fault = faultOf(index)
      simulator.faults.add({ when: { key }, fault })
      if (fault.kind === 'hang') hanging.add(key)
    })
    // Time goes on only where a call hangs, so a slow machine is no reason for a call to run out of time.
    const runtime = fakeRuntime()
    pool = new KeyPool({ keys, baseURL: simulator.sites.cn.baseURL, timeouts: { firstByte }, runtime })
    watch = setInterval(() => endHanging(runtime), 1)
    await pool.ready
  }

  /** Lets the time of a call that hangs run out, once for each. */
  const endHanging = (runtime: FakeRuntime): void => {
    const last = simulator.requests.at(-1)
    if (last === undefined || last === ended || !hanging.has(last.key ?? '')) return
    ended = last
    runtime.advance(firstByte)
  }

  const ask = (stream: boolean): Promise<Response> =>
    pool.fetch(`${pool.baseURL}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'Qwen/Qwen2.5-7B-Instruct',
        messages: [{ role: 'user', content: 'hi' }],
        stream,
      }),
    })

  const expectAllServed = async (): Promise<void> => {
    for (let call = 0; call < 10; call++) {
      const reply = await ask(call % 2 === 1)
      expect(reply.status).toBe(200)
      expect(await reply.text()).toMatch(/"finish_reason":"stop"/)
    }
    const calls = new Map<string, number>()
    for (const { key = '' } of simulator.requests) calls.set(key, (calls.get(key) ?? 0) + 1)
    expect(Math.max(...badKeys.map((key) => calls.get(key) ?? 0))).toBe(1)
    expect(calls.get(goodKey ?? '')).toBe(10)
  }

  it.each(Object.entries(faults))(
    'a pool of 50 keys of which one works serves every call while the others answer with %s',
    async (_, fault) => {
      await start(() => fault)
      await expectAllServed()
    },
  )

  it('a pool of 50 keys of which one works serves every call while the others fail in all ways at once', async () => {
    const mixed = Object.values(faults)
    await start((index) => mixed[index % mixed.length] as Fault)
    await expectAllServed()
  })
})

describe("a caller's mistake", () => {
  it("a caller's mistake changes the health of no key, however often it is made", async () => {
    await using simulator = await startSimulator({ scenario: makeScenario({ accounts: 3 }) })
    await using pool = new KeyPool({
      keys: keysOf(makeScenario({ accounts: 3 })),
      baseURL: simulator.sites.cn.baseURL,
    })
    for (let call = 0; call < 20; call++) {
      const reply = await pool.fetch(`${pool.baseURL}/chat/completions`, {
        method: 'POST',
        body: '{"model":"Qwen/Qwen3-8B"}',
      })
      expect(reply.status).toBe(400)
    }
    expect(simulator.requests).toHaveLength(20)
    for (const key of pool.keys.list())
      expect(key).toMatchObject({ status: 'ready', cooldowns: [], enabled: true })
  })
})
