import { type ErrorName, type ErrorSample, errorSamples } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import { model, simulatedPool } from '../../testing/simulated-pool.js'

/** What becomes of the key that drew an error of each class; null when the error is the client's own affair. */
const healthAfter: Readonly<Record<ErrorSample['class'], string | null>> = {
  key: 'invalid',
  funds: 'exhausted',
  limit: `rate-limited on ${model}`,
  permission: `restricted on ${model}`,
  model: null,
  caller: null,
  upstream: `overload on ${model}`,
  'ip-ban': `overload on ${model}`,
}

/** Errors whose effect is not the one of their class. */
const exceptions: Readonly<Partial<Record<ErrorName, string>>> = {
  // Concerns every model of the account.
  'unverified-daily-limit': 'cooling',
  // We did not leave: a proxy between us and the platform did.
  'client-closed': `overload on ${model}`,
}

/** A limit is shown with its meter. */
function expectedHealth(name: ErrorName): string | null {
  const expected = exceptions[name] ?? healthAfter[errorSamples[name].class]
  const meter = /rate-limit-(\w+)/.exec(name)?.[1]?.toUpperCase()
  return meter === undefined || expected === null ? expected : expected.replace(' on', ` (${meter}) on`)
}

const names = Object.keys(errorSamples) as ErrorName[]
const switched = names.filter((name) => expectedHealth(name) !== null)
const returned = names.filter((name) => expectedHealth(name) === null)

describe.each(['chat', 'stream'] as const)('asked for a %s', (kind) => {
  it.each(switched.map((name) => [name, errorSamples[name].status, expectedHealth(name)] as const))(
    '%s (%i) is answered by the next key, and leaves the first %s',
    async (name, _status, health) => {
      const upstream = await simulatedPool()
      upstream.simulator.faults.add({ when: { account: 'account-1' }, fault: { kind: 'error', name } })
      const response = await upstream[kind]()
      expect(response.status).toBe(200)
      expect(response.headers.get('x-sfpool-attempts')).toBe('2')
      expect(await response.text()).toContain('"finish_reason":"stop"')
      expect(upstream.usedKeys).toEqual([0, 1])
      expect(upstream.health).toEqual([health, 'ready'])
    },
  )

  it.each(returned.map((name) => [name, errorSamples[name].status] as const))(
    '%s (%i) is returned at once, and touches no key',
    async (name, status) => {
      const upstream = await simulatedPool()
      upstream.simulator.faults.add({ fault: { kind: 'error', name } })
      const response = await upstream[kind]()
      expect(response.status).toBe(status)
      expect(response.headers.get('x-sfpool-attempts')).toBe('1')
      expect(upstream.usedKeys).toEqual([0])
      expect(upstream.health).toEqual(['ready', 'ready'])
    },
  )
})

describe('the body of an error', () => {
  it.each(returned)(
    '%s is one that OpenAI clients read, the upstream’s own fields beside it',
    async (name) => {
      const { chat, simulator } = await simulatedPool()
      simulator.faults.add({ fault: { kind: 'error', name } })
      const text = await (await chat()).text()
      const sample = errorSamples[name]
      const { error, ...rest } = JSON.parse(text)
      if (!sample.contentType.includes('json')) return expect(error.message).toBe(sample.body.trim())
      const sent: unknown = JSON.parse(sample.body)
      expect(rest).toEqual(typeof sent === 'string' ? { code: null, message: sent, data: null } : sent)
      expect(error).toEqual({
        message: expect.stringMatching(/\w/),
        type: expect.stringMatching(/_error$/),
        code: sample.code ?? null,
        param: null,
      })
    },
  )

  it.each(returned)('%s passes byte for byte where errors are passed through', async (name) => {
    const { chat, simulator } = await simulatedPool({ pool: { errors: 'passthrough' } })
    simulator.faults.add({ fault: { kind: 'error', name } })
    const response = await chat()
    expect(await response.text()).toBe(errorSamples[name].body)
    expect(response.headers.get('content-type')).toBe(errorSamples[name].contentType)
  })

  it('has a length that is true', async () => {
    const { chat, simulator } = await simulatedPool()
    simulator.faults.add({ fault: { kind: 'error', name: 'model-not-found' } })
    const response = await chat()
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(await response.text())))
  })

  it('keeps the headers that came with it', async () => {
    const { chat, simulator } = await simulatedPool()
    simulator.faults.add({ fault: { kind: 'error', name: 'model-not-found' } })
    simulator.faults.add({ fault: { kind: 'headers', headers: { 'x-a': '1', 'set-cookie': 'a=b' } } })
    const { headers } = await chat()
    expect(headers.get('x-a')).toBe('1')
    expect(headers.get('x-siliconcloud-trace-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(headers.get('set-cookie')).toBeNull()
  })

  it('may be large, and is forgotten all the same when another key does better', async () => {
    const upstream = await simulatedPool()
    const body = `<html>${'x'.repeat(500_000)}</html>`
    upstream.simulator.faults.add({
      when: { account: 'account-1' },
      fault: { kind: 'answer', status: 503, body },
    })
    expect((await upstream.chat()).status).toBe(200)
    expect(upstream.usedKeys).toEqual([0, 1])
  })

  it('that is larger than anything reasonable is told in short', async () => {
    const { chat, simulator } = await simulatedPool()
    const body = 'x'.repeat(3_000_000)
    simulator.faults.add({ fault: { kind: 'answer', status: 503, body } })
    const response = await chat()
    expect(response.status).toBe(503)
    const { error } = (await response.json()) as { error: { message: string } }
    expect(error.message).toBe(`${'x'.repeat(300)}…`)
  })
})

it('20 mistakes of a client change the health of no key', async () => {
  const upstream = await simulatedPool({ keys: 3 })
  for (const fields of [
    { model: 'no/such-model' },
    { messages: [] },
    { temperature: 9 },
    { messages: 'hello' },
  ]) {
    for (let count = 0; count < 5; count++) {
      const response = await upstream.chat(fields)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    }
  }
  expect(upstream.calls).toHaveLength(20)
  expect(upstream.health).toEqual(['ready', 'ready', 'ready'])
  expect((await upstream.chat()).status).toBe(200)
})
