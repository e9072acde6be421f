import { expect, test } from 'vitest'
import type { ScenarioRecipe } from '../scenario/make-scenario.js'
import { type Answer, ask, hello } from '../testing/ask.js'
import { createManualClock, type ManualClock } from '../testing/manual-clock.js'
import { type Running, running } from '../testing/running.js'

const model = 'deepseek-ai/DeepSeek-V3'

function jsonl(count: number): Blob {
  const line = (index: number): string =>
    JSON.stringify({
      custom_id: `${index}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model, messages: hello },
    })
  return new Blob([Array.from({ length: count }, (_, index) => line(index)).join('\n')])
}

function upload({ url }: Running, key: string | undefined, file: Blob, purpose = 'batch'): Promise<Answer> {
  const form = new FormData()
  if (purpose !== '') form.append('purpose', purpose)
  form.append('file', file, 'work.jsonl')
  return ask(`${url}/files`, { form, ...(key === undefined ? {} : { key }) })
}

async function uploaded(recipe: ScenarioRecipe): Promise<Running & { fileId: string; clock: ManualClock }> {
  const clock = createManualClock()
  const started = await running(recipe, clock)
  const { json } = await upload(started, started.key, jsonl(3))
  return { ...started, clock, fileId: (json as { data: { id: string } }).data.id }
}

function order(fileId: string): Record<string, unknown> {
  return {
    input_file_id: fileId,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    metadata: { a: 'b' },
  }
}

test('files have an envelope, with createdAt in uploads and created_at in lists', async () => {
  const started = await running()
  const { url, key } = started
  const made = await upload(started, key, jsonl(2))
  expect(made.json).toMatchObject({
    code: 20_000,
    message: 'Ok',
    status: true,
    data: {
      id: expect.stringMatching(/^file-/),
      object: 'file',
      createdAt: expect.any(Number),
      filename: 'work.jsonl',
      purpose: 'batch',
    },
  })
  const listed = await ask(`${url}/files?purpose=batch`, { key })
  expect(listed.json).toMatchObject({
    data: { object: 'file', data: [{ created_at: expect.any(Number), line_count: 2 }] },
  })
})

test('uploading and listing files requires the purpose', async () => {
  const started = await running()
  const { url, key } = started
  expect((await upload(started, key, jsonl(1), '')).status).toBe(400)
  expect((await ask(`${url}/files`, { key })).status).toBe(400)
})

test('a file with bad lines or too many lines is refused', async () => {
  const started = await running()
  const broken = await upload(started, started.key, new Blob(['{"body":{}}\nnot json']))
  expect(broken).toMatchObject({ status: 400, json: { message: expect.stringContaining('line 2') } })
  expect((await upload(started, started.key, jsonl(5001))).json).toMatchObject({ code: 20_074 })
})

test('files can be seen, used and deleted only by their own account', async () => {
  const { url, keys, fileId } = await uploaded({ accounts: 2 })
  const [owner, stranger] = keys
  expect((await ask(`${url}/files?purpose=batch`, { key: stranger })).json).toMatchObject({
    data: { data: [] },
  })
  expect((await ask(`${url}/batches`, { key: stranger, body: order(fileId) })).json).toMatchObject({
    code: 20_068,
  })
  expect((await ask(`${url}/files/${fileId}`, { key: stranger, method: 'DELETE' })).status).toBe(404)
  expect((await ask(`${url}/files/${fileId}`, { key: owner, method: 'DELETE' })).status).toBe(200)
  expect((await ask(`${url}/files/${fileId}`, { key: owner, method: 'DELETE' })).status).toBe(404)
})

test('a batch passes from the queue to its results and is billed at half price from recharged money', async () => {
  const { sim, url, key, keys, fileId, clock } = await uploaded({
    accounts: 2,
    money: { voucher: '5', charged: '1' },
  })
  const made = (await ask(`${url}/batches`, { key, body: order(fileId) })).json as { id: string }
  expect(made).toMatchObject({
    id: expect.stringMatching(/^batch_/),
    object: 'batch',
    status: 'in_queue',
    input_file_id: fileId,
    request_counts: { total: 3, completed: 0 },
    metadata: { a: 'b' },
  })
  const look = async (asking = key): Promise<unknown> =>
    (await ask(`${url}/batches/${made.id}`, { key: asking })).json
  clock.advance(1000)
  expect(await look()).toMatchObject({ status: 'in_progress', output_file_id: null })
  clock.advance(2900)
  expect(await look()).toMatchObject({ status: 'finalizing' })
  expect(sim.accounts.get('account-1')?.ledger).toEqual([])
  clock.advance(100)
  expect(await look()).toMatchObject({
    status: 'completed',
    output_file_id: expect.stringMatching(/^file-/),
    request_counts: { total: 3, completed: 3 },
  })
  const ledger = sim.accounts.get('account-1')?.ledger ?? []
  expect(ledger).toHaveLength(3)
  const { usage: { inputTokens = 0, outputTokens = 0 } = {}, cost, paidFrom } = ledger[0] ?? {}
  expect(Number(cost)).toBeCloseTo((inputTokens * 2 + outputTokens * 8) / 2e6, 12)
  expect(Object.keys(paidFrom ?? {})).toEqual(['charged'])
  expect(await look(keys[1])).toMatchObject({ code: 20_011 })
})

test('a cancelled batch is not billed, and a completed batch cannot be cancelled', async () => {
  const { sim, url, key, fileId, clock } = await uploaded({})
  const first = (await ask(`${url}/batches`, { key, body: order(fileId) })).json as { id: string }
  const cancel = async (id: string): Promise<unknown> =>
    (await ask(`${url}/batches/${id}/cancel`, { key, method: 'POST' })).json
  expect(await cancel(first.id)).toMatchObject({ status: 'cancelling' })
  clock.advance(10_000)
  expect(await cancel(first.id)).toMatchObject({ status: 'cancelled' })
  expect(sim.accounts.get('account-1')?.ledger).toEqual([])
  const second = (await ask(`${url}/batches`, { key, body: order(fileId) })).json as { id: string }
  clock.advance(10_000)
  expect(await cancel(second.id)).toMatchObject({ status: 'completed' })
})

test('a batch needs recharged money, a known endpoint and a window of one to fourteen days', async () => {
  const { url, key, fileId } = await uploaded({ money: { voucher: '5' } })
  const body = order(fileId)
  expect(await ask(`${url}/batches`, { key, body })).toMatchObject({ status: 402, json: { code: 30_001 } })
  for (const odd of [
    { endpoint: '/v1/embeddings' },
    { completion_window: '23h' },
    { completion_window: '2d' },
  ]) {
    expect((await ask(`${url}/batches`, { key, body: { ...body, ...odd } })).status).toBe(400)
  }
})

test('a batch may replace the model of all lines', async () => {
  const { sim, url, key, fileId, clock } = await uploaded({})
  const replaced = { ...order(fileId), extra_body: { replace: { model: 'Qwen/Qwen3-32B' } } }
  await ask(`${url}/batches`, { key, body: replaced })
  clock.advance(4000)
  expect(sim.accounts.get('account-1')?.ledger[0]?.model).toBe('Qwen/Qwen3-32B')
  const unknown = { ...order(fileId), replace: { model: 'no/such' } }
  expect((await ask(`${url}/batches`, { key, body: unknown })).json).toMatchObject({ code: 20_012 })
})

test('batches are listed newest first, page by page', async () => {
  const { url, key, fileId } = await uploaded({})
  const ids = []
  for (let index = 0; index < 3; index += 1) {
    ids.unshift(((await ask(`${url}/batches`, { key, body: order(fileId) })).json as { id: string }).id)
  }
  const page = await ask(`${url}/batches?limit=2`, { key })
  expect(page.json).toMatchObject({ object: 'list', first_id: ids[0], last_id: ids[1], has_more: true })
  const rest = await ask(`${url}/batches?limit=2&after=${ids[1]}`, { key })
  expect(rest.json).toMatchObject({ data: [{ id: ids[2] }], has_more: false })
})
