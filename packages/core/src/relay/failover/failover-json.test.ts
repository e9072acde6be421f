import { errorSamples, type OutcomeFault } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import { model, readAll, type SimulatedPool, simulatedPool } from '../../testing/simulated-pool.js'

async function faulty(
  fault: OutcomeFault,
  options: Parameters<typeof simulatedPool>[0] = {},
): Promise<SimulatedPool> {
  const upstream = await simulatedPool(options)
  upstream.simulator.faults.add({ when: { account: 'account-1' }, fault })
  return upstream
}

describe('a JSON answer that never becomes whole is not seen: the next key answers', () => {
  it.each<[string, string, OutcomeFault]>([
    ['network', 'a reset before the head', { kind: 'reset', at: 'before-headers' }],
    ['network', 'a close before the head', { kind: 'close', at: 'before-headers' }],
    [
      'network',
      'a close before the head of a call that ran',
      { kind: 'close', at: 'before-headers', executed: true },
    ],
    ['truncated', 'a reset after the head', { kind: 'reset', at: 'after-headers' }],
    ['truncated', 'a close after the head', { kind: 'close', at: 'after-headers' }],
    ['truncated', 'a reset in the body', { kind: 'reset', at: 'mid-body' }],
    ['truncated', 'a close in the body', { kind: 'close', at: 'mid-body' }],
    ['truncated', 'half a body that HTTP calls whole', { kind: 'truncate' }],
  ])('%s: %s', async (reason, _what, fault) => {
    const upstream = await faulty(fault)
    const response = await upstream.chat()
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
    expect(upstream.usedKeys).toEqual([0, 1])
    expect(upstream.health).toEqual([`${reason} on ${model}`, 'ready'])
  })
})

describe('an error under status 200', () => {
  it.each<[string, OutcomeFault]>([
    ['overload', { kind: 'error', name: 'overloaded-200' }],
    ['overload', { kind: 'error', name: 'ip-banned-200' }],
    ['overload', { kind: 'error-event', name: 'overloaded' }],
    ['rate-limited (RPM)', { kind: 'error', name: 'rate-limit-rpm', status: 200 }],
  ])('is the next key’s to answer: %s', async (reason, fault) => {
    const upstream = await faulty(fault)
    expect(await (await upstream.chat()).json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
    expect(upstream.usedKeys).toEqual([0, 1])
    expect(upstream.health).toEqual([`${reason} on ${model}`, 'ready'])
  })

  it('is answered with the status of an error, so that clients take it for one', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'overloaded-200' } })
    const response = await upstream.chat()
    expect(response.status).toBe(503)
    expect(response.headers.get('x-siliconcloud-trace-id')).toMatch(/\w/)
    expect(await response.json()).toMatchObject({ code: 50505, error: { code: 50505, type: 'server_error' } })
  })

  it("that is the client's mistake is returned as such", async () => {
    const upstream = await faulty({ kind: 'error', name: 'parameter-invalid', status: 200 })
    expect((await upstream.chat()).status).toBe(400)
    expect(upstream.calls).toHaveLength(1)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('keeps its bytes when errors pass through', async () => {
    const upstream = await simulatedPool({ pool: { errors: 'passthrough' } })
    upstream.simulator.faults.add({ fault: { kind: 'error', name: 'overloaded-200' } })
    expect(await (await upstream.chat()).text()).toBe(errorSamples['overloaded-200'].body)
  })

  it.each<[string, unknown]>([
    ['an envelope of success', { code: 20000, message: 'Ok', status: true, data: { id: 'file-x' } }],
    ['a null error', { error: null, choices: [{ message: { content: 'Hi' } }] }],
    ['a code of its own kind', { code: 'abc', data: [] }],
    ['no object', ['error']],
  ])('is not %s', async (_what, body) => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, body } })
    const response = await upstream.ask('/embeddings', { model, input: 'x' })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual(body)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })
})

describe('an error under status 200 of any other API', () => {
  const headers = { 'content-type': 'application/json' }
  const generic = async (body: unknown, times: number): Promise<SimulatedPool> => {
    const simulator = await simulatedPool()
    const upstream = await simulatedPool({
      pool: { provider: 'generic', keys: [...simulator.keys], baseURL: simulator.simulator.sites.cn.baseURL },
    })
    simulator.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body }, times })
    return {
      ...upstream,
      calls: simulator.calls,
      health: upstream.pool.keys.list().map(({ status }) => status),
    }
  }

  it.each<[string, unknown]>([
    ['in an object', { error: { message: 'Provider returned error', type: 'server_error' } }],
    ['in an object beside an id', { id: 'x', error: { message: 'busy', code: 'overloaded' }, user_id: 'u' }],
    ['as words', { error: 'model is loading' }],
    ['as code and message', { code: 50505, message: 'busy', data: null }],
    ['as Anthropic has it', { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }],
    ['of a limit', { error: { type: 'rate_limit_error', message: 'slow down' } }],
    ['of money', { error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'no money' } }],
  ])('is the next key’s to answer: %s', async (_what, body) => {
    const upstream = await generic(body, 1)
    const response = await upstream.chat()
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    expect(await response.json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
  })

  it('is in a stream too', async () => {
    const body = 'data: {"error":{"message":"Provider returned error"}}\n\n'
    const simulator = await simulatedPool()
    const pool = {
      provider: 'generic',
      keys: [...simulator.keys],
      baseURL: simulator.simulator.sites.cn.baseURL,
    }
    const upstream = await simulatedPool({ pool: { ...pool, provider: 'generic' } })
    const type = { 'content-type': 'text/event-stream' }
    simulator.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers: type, body }, times: 1 })
    const response = await upstream.stream()
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/)
  })

  it("that is the client's mistake is returned at once", async () => {
    const upstream = await generic({ error: { type: 'invalid_request_error', message: 'no such field' } }, 9)
    const response = await upstream.chat()
    expect(response.status).toBe(400)
    expect(response.headers.get('x-sfpool-attempts')).toBe('1')
    expect(await response.json()).toMatchObject({ error: { message: 'no such field' } })
  })

  it('is no failure of the answer where it belongs to what was asked for', async () => {
    const job = {
      id: 'job-1',
      object: 'response',
      status: 'failed',
      error: { code: 'server_error', message: 'x' },
    }
    const upstream = await generic(job, 1)
    expect(await (await upstream.ask('/responses/job-1')).json()).toEqual(job)
  })
})

describe('JSON that is whole but odd goes to the client as it is where nothing is generated', () => {
  it.each(['{"score": NaN}', '{broken}', 'null', '"deleted"', '42', '[1,2]\n'])('%j', async (body) => {
    const upstream = await simulatedPool()
    const headers = { 'content-type': 'application/json' }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body } })
    const response = await upstream.ask('/embeddings', { model, input: 'x' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(body)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })
})

describe('a JSON answer of no text at all', () => {
  it.each([
    ['no bytes', ''],
    ['white space', ' \n'],
  ])('was lost on its way: %s', async (_what, body) => {
    const upstream = await simulatedPool()
    const headers = { 'content-type': 'application/json' }
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body }, times: 3 })
    const response = await upstream.chat()
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_unreachable' } })
    expect((await upstream.chat()).status).toBe(200)
  })
})

describe('a JSON answer with nothing in it', () => {
  const headers = { 'content-type': 'application/json' }
  const choice = (message: unknown, finish_reason = 'stop'): unknown => ({
    choices: [{ message, finish_reason }],
  })

  it.each<[string, unknown]>([
    ['no choices', { choices: [], usage: { prompt_tokens: 9, completion_tokens: 0, total_tokens: 9 } }],
    ['no content', choice({ role: 'assistant', content: null, refusal: null, tool_calls: [] })],
    ['an empty text', choice({ role: 'assistant', content: '', reasoning_content: '' })],
    ['an empty completion', { choices: [{ text: '', finish_reason: 'stop' }] }],
    ['an empty message', { type: 'message', content: [], stop_reason: 'end_turn' }],
    ['a message of empty text', { type: 'message', content: [{ type: 'text', text: '' }] }],
  ])('is asked for once more, and then passed on as it is: %s', async (_what, body) => {
    const upstream = await simulatedPool({ keys: 4 })
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body }, times: 3 })
    const response = await upstream.chat()
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(JSON.stringify(body))
    expect(response.headers.get('x-sfpool-attempts')).toBe('2')
    expect(await (await upstream.chat()).json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
  })

  it.each<[string, unknown]>([
    ['it says that the length was used up', choice({ content: '' }, 'length')],
    ['it says that a filter was at work', choice({ content: '' }, 'content_filter')],
    ['it calls tools', choice({ content: null, tool_calls: [{ id: '1' }] })],
    ['it is reasoning', choice({ content: '', reasoning_content: 'Hm' })],
    ['it is a refusal', choice({ content: null, refusal: 'No' })],
    ['it is audio', choice({ content: null, audio: { data: 'AAAA' } })],
    ['its shape is unknown', { output: [] }],
    ['a message stopped for its length', { type: 'message', content: [], stop_reason: 'max_tokens' }],
  ])('is an answer when %s', async (_what, body) => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body } })
    expect(await (await upstream.chat()).json()).toEqual(body)
    expect(upstream.calls).toHaveLength(1)
    expect(upstream.health).toEqual(['ready', 'ready'])
  })

  it('is an answer on routes that generate nothing', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body: '{}' } })
    expect(await (await upstream.ask('/embeddings', { model, input: 'x' })).text()).toBe('{}')
    expect(upstream.calls).toHaveLength(1)
  })

  it('is asked for once more whatever its type', async () => {
    const upstream = await simulatedPool()
    const type = { 'content-type': 'text/plain' }
    upstream.simulator.faults.add({
      fault: { kind: 'answer', status: 200, headers: type, body: '' },
      times: 1,
    })
    expect(await (await upstream.chat()).json()).toMatchObject({ choices: [{}] })
  })
})

describe('a JSON answer too large to be held', () => {
  const headers = { 'content-type': 'application/json' }
  const large = JSON.stringify({
    data: Array.from({ length: 40_000 }, (_, index) => index),
    usage: { total_tokens: 7 },
  })

  it('is passed on as it comes', async () => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault: { kind: 'answer', status: 200, headers, body: large } })
    expect(await (await upstream.ask('/embeddings', { model, input: 'x' })).text()).toBe(large)
  })

  it.each<[string, OutcomeFault]>([
    ['is cut by the connection', { kind: 'close', at: 'mid-body' }],
    ['ends in the middle, properly for HTTP', { kind: 'truncate' }],
  ])('ends as a failure when it %s', async (_what, fault) => {
    const upstream = await simulatedPool()
    upstream.simulator.faults.add({ fault })
    const input = Array.from({ length: 32 }, (_, index) => `text ${index}`)
    const response = await upstream.ask('/embeddings', { model: 'Qwen/Qwen3-Embedding-8B', input })
    expect(response.status).toBe(200)
    const { error, text } = await readAll(response)
    expect(text.length).toBeGreaterThan(64 * 1024)
    expect(error).toMatchObject({ code: 'stream_interrupted' })
    expect(upstream.health[0]).toMatch(/^truncated/)
    expect(upstream.calls).toHaveLength(1)
  })
})
