import { describe, expect, it, onTestFinished } from 'vitest'
import { siliconflow } from '../../provider/siliconflow.js'
import { type Runtime, systemRuntime } from '../../runtime/runtime.js'
import { fakeRuntime } from '../../testing/fake-runtime.js'
import { hurry } from '../../testing/hurry.js'
import { scriptedTransport } from '../../testing/scripted-transport.js'
import { type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'
import { undiciTransport } from '../../transport/undici-transport.js'
import { type AskInput, ask } from './ask.js'
import { ModelTimeouts } from './timeouts.js'
import { Upstream } from './upstream.js'

function upstreamOf({ simulator }: SimulatedPool, runtime: Runtime = systemRuntime): Upstream {
  const timeouts = new ModelTimeouts({ connect: 10_000, firstByte: 0, firstOutput: 0, idle: 0, total: 0 })
  const provider = siliconflow({ baseURL: simulator.sites.cn.baseURL })
  const transport = undiciTransport()
  onTestFinished(() => transport.close())
  return new Upstream({ provider, transport, timeouts, runtime })
}

const askInput = (token: string | undefined, more: Partial<AskInput> = {}): AskInput => ({
  path: '/models',
  site: 'cn',
  token: token ?? '',
  timeoutMs: 0,
  ...more,
})

describe('ask', () => {
  it('returns the outcome and the body', async () => {
    const simulated = await simulatedPool()
    const { outcome, body } = await ask(upstreamOf(simulated), askInput(simulated.keys[0]))
    expect(outcome).toEqual({ kind: 'success', status: 200 })
    expect(JSON.parse(body)).toMatchObject({ object: 'list' })
    expect(simulated.calls[0]).toMatchObject({ method: 'GET', path: '/v1/models', key: simulated.keys[0] })
  })

  it('returns the refusal of a key', async () => {
    const simulated = await simulatedPool()
    const { outcome, body } = await ask(upstreamOf(simulated), askInput('sk-fakefakefakefakefake'))
    expect(outcome).toMatchObject({ kind: 'unauthorized', fault: 'key', status: 401 })
    expect(body).toContain('30014')
  })

  it('makes one attempt', async () => {
    const simulated = await simulatedPool()
    simulated.simulator.faults.add({ fault: { kind: 'reset', at: 'before-headers' } })
    const { outcome } = await ask(upstreamOf(simulated), askInput(simulated.keys[0]))
    expect(outcome).toMatchObject({ kind: 'network-error', fault: 'network' })
    expect(simulated.calls).toHaveLength(1)
  })

  it('keeps no more than 4 MB of an answer, and breaks an endless one off', async () => {
    const simulated = await simulatedPool()
    const chunks = Array.from({ length: 50 }, () => Buffer.alloc(1024 * 1024, '['))
    const transport = scriptedTransport(() => ({ headers: ['content-type', 'application/json'], chunks }))
    const upstream = new Upstream({
      provider: siliconflow({ baseURL: simulated.simulator.sites.cn.baseURL }),
      transport,
      timeouts: new ModelTimeouts(),
      runtime: systemRuntime,
    })
    const { outcome, body } = await ask(upstream, askInput(simulated.keys[0]))
    expect(outcome).toMatchObject({ kind: 'upstream-error', message: 'the answer is longer than 4 MB' })
    expect(body).toBe('')
    expect(transport.abortCount).toBe(1)
  })

  it('gives up when its time is over', async () => {
    const runtime = fakeRuntime()
    const simulated = await simulatedPool()
    simulated.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const asking = ask(upstreamOf(simulated, runtime), askInput(simulated.keys[0], { timeoutMs: 500 }))
    const { outcome } = await hurry(asking, runtime, () => simulated.calls.length > 0)
    expect(outcome).toMatchObject({ kind: 'timeout', phase: 'total' })
  })

  it.each(['before', 'while'] as const)('is aborted by its signal %s it is under way', async (when) => {
    const simulated = await simulatedPool()
    simulated.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const leaving = new AbortController()
    if (when === 'before') leaving.abort()
    const asking = ask(upstreamOf(simulated), askInput(simulated.keys[0], { signal: leaving.signal }))
    if (when === 'while') {
      await expect.poll(() => simulated.calls.length).toBe(1)
      leaving.abort()
    }
    expect((await asking).outcome.kind).toBe('aborted')
    await expect.poll(() => simulated.calls.every(({ abortedAt }) => abortedAt !== undefined)).toBe(true)
  })
})
