import { describe, expect, it } from 'vitest'
import type { GatewayOptions } from './options.js'
import { chat, stage } from './testing/stage.js'

const guarded = { clientKeys: ['client-key-canary'], adminKey: 'admin-key-canary' }

/** Makes a request whose first key meets a rate limit, and returns its trace. */
async function traceOf(
  options: GatewayOptions,
  key: string | undefined,
  extra: Record<string, unknown> = {},
) {
  const staged = await stage(options)
  staged.sim.faults.add({ fault: { kind: 'error', name: 'rate-limit-tpm' }, times: 1 })
  const init = chat(extra)
  const headers = { ...init.headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) }
  const answer = await staged.ask('/v1/chat/completions', { ...init, headers })
  await answer.arrayBuffer()
  expect(answer.status).toBe(200)
  return { ...staged, text: answer.headers.get('x-sfpool-trace') }
}

describe('the trace of a request', () => {
  it.each([
    ['an answer', {}],
    ['a stream', { stream: true }],
  ])('the trace of a request is sent to an administrator with %s', async (_, extra) => {
    const { text, pool } = await traceOf(guarded, 'admin-key-canary', extra)
    const [first, second] = pool.keys.list()
    expect(JSON.parse(text ?? '')).toMatchObject({
      model: 'Qwen/Qwen3-8B',
      waitedMs: 0,
      attempts: [
        { key: first?.id, outcome: 'rate-limited', status: 429, durationMs: expect.any(Number) },
        { key: second?.id, outcome: null, status: null },
      ],
    })
  })

  it('the trace of a request holds no secret', async () => {
    const { text, keys } = await traceOf(guarded, 'admin-key-canary')
    expect(text).not.toContain('canary')
    for (const key of keys) expect(text).not.toContain(key)
  })

  it('the trace of a request is sent with an error answer, too', async () => {
    const { ask, sim, pool } = await stage({ adminKey: 'the-admin' })
    sim.faults.add({ fault: { kind: 'error', name: 'token-invalid' } })
    const answer = await ask('/v1/models', { headers: { 'x-api-key': 'the-admin' } })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    const { attempts } = JSON.parse(answer.headers.get('x-sfpool-trace') ?? '{}')
    expect(attempts.map(({ key }: { key: string }) => key)).toEqual(pool.keys.list().map(({ id }) => id))
  })

  it('the trace of a request is not sent to clients', async () => {
    expect((await traceOf(guarded, 'client-key-canary')).text).toBeNull()
    expect((await traceOf({}, undefined)).text).toBeNull()
    expect((await traceOf({ adminKey: 'admin-key-canary' }, 'any')).text).toBeNull()
  })

  it('the trace of a request is sent to every client with the option trace', async () => {
    const options = { ...guarded, trace: true }
    expect((await traceOf(options, 'client-key-canary')).text).toContain('"attempts"')
  })

  it('the trace of a request is sent to an administrator where clients need no key', async () => {
    expect((await traceOf({ adminKey: 'admin-key-canary' }, 'admin-key-canary')).text).toContain('"attempts"')
  })
})
