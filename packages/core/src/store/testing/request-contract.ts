import { describe, expect, it } from 'vitest'
import type { Store } from '../store.js'
import type { RequestFilter, RequestKeep, RequestQuery, StoredRequest } from '../stored-request.js'

const at = 1_700_000_000_000
const plenty: RequestKeep = { rows: 1_000, days: 30, megabytes: 10 }

export function storedRequest(number: number, changes: Partial<StoredRequest> = {}): StoredRequest {
  return {
    id: `req-${number}`,
    at: at + number,
    upstream: 'default',
    client: null,
    address: '127.0.0.1',
    userAgent: 'test/1.0',
    method: 'POST',
    path: '/v1/chat/completions',
    model: 'Qwen/Qwen3-8B',
    servedModel: 'Qwen/Qwen3-8B',
    status: 200,
    outcome: 'success',
    code: null,
    attempts: [{ key: 'key_a', account: 'acme', outcome: 'success', status: 200, durationMs: 12 }],
    durationMs: 15,
    ttftMs: 10,
    promptTokens: 7,
    completionTokens: 9,
    cost: { amount: 1_250_000_000_000n, currency: 'CNY' },
    bytes: 400,
    ...changes,
  }
}

const unlike = storedRequest(1, {
  client: 'client_1',
  address: '10.0.0.9',
  userAgent: '工具/2 "quoted"',
  model: 'gpt-4o',
  servedModel: 'Qwen/Qwen3-32B',
  status: 503,
  outcome: 'rate-limited',
  code: 'all_keys_cooling',
  attempts: [
    { key: 'key_b', account: 'key_c', outcome: 'network-error', status: null, durationMs: 3 },
    { key: 'key_b2', account: 'other', outcome: 'rate-limited', status: 429, durationMs: 4 },
  ],
  ttftMs: null,
  promptTokens: null,
  completionTokens: null,
  cost: null,
})

/** What every store does that keeps the request log. */
export function describeRequests(
  name: string,
  { opened }: { readonly opened: (place?: string) => Promise<Store> },
): void {
  const opening = async () => {
    const store = await opened()
    const { addRequests, readRequests } = store
    if (addRequests === undefined || readRequests === undefined) throw new Error(`${name} keeps no requests`)
    return {
      add: (entries: readonly StoredRequest[], keep = plenty, now = at) =>
        addRequests.call(store, { entries, keep, now }),
      read: (query: Partial<RequestQuery> = {}) => readRequests.call(store, { limit: 100, ...query }),
    }
  }
  const ids = (items: readonly StoredRequest[]): string[] => items.map(({ id }) => id)

  describe(`the request log of the ${name} store`, () => {
    it(`${name}: an empty request log has an empty page`, async () => {
      const { read } = await opening()
      expect(await read()).toEqual({ items: [], total: 0, next: null })
      expect(await read({ q: 'x' })).toEqual({ items: [], total: 0, next: null })
    })

    it(`${name}: requests are read as they were added, the newest first`, async () => {
      const { add, read } = await opening()
      await add([storedRequest(0), unlike])
      expect(await read()).toEqual({ items: [unlike, storedRequest(0)], total: 2, next: null })
      expect(ids((await read({ order: 'oldest' })).items)).toEqual(['req-0', 'req-1'])
    })

    it(`${name}: a cursor goes on where a page ended, while requests come`, async () => {
      const { add, read } = await opening()
      await add([0, 1, 2, 3, 4].map((number) => storedRequest(number)))
      const first = await read({ limit: 2 })
      expect([ids(first.items), first.total]).toEqual([['req-4', 'req-3'], 5])
      await add([storedRequest(5)])
      const second = await read({ limit: 2, cursor: first.next ?? '' })
      expect([ids(second.items), second.total]).toEqual([['req-2', 'req-1'], 6])
      const third = await read({ limit: 2, cursor: second.next ?? '' })
      expect([ids(third.items), third.next]).toEqual([['req-0'], null])
      const upwards = await read({ limit: 2, cursor: first.next ?? '', order: 'oldest' })
      expect(ids(upwards.items)).toEqual(['req-4', 'req-5'])
    })

    it(`${name}: a cursor goes on although the entries at its place are gone`, async () => {
      const { add, read } = await opening()
      await add([0, 1, 2, 3].map((number) => storedRequest(number)))
      const { next } = await read({ limit: 1, order: 'oldest' })
      await add([storedRequest(4)], { ...plenty, rows: 2 })
      expect(ids((await read({ cursor: next ?? '', order: 'oldest' })).items)).toEqual(['req-3', 'req-4'])
    })

    it.each(['x', '-1', '1e3', ''])(`${name}: %j is no cursor`, async (cursor) => {
      const { add, read } = await opening()
      await add([storedRequest(0)])
      await expect(read({ cursor })).rejects.toThrow(/must be a cursor/)
    })

    it.each<[string, RequestFilter]>([
      ['its status', { status: [{ from: 503, to: 503 }] }],
      [
        'a range of statuses',
        {
          status: [
            { from: 400, to: 499 },
            { from: 500, to: 599 },
          ],
        },
      ],
      ['its outcome', { outcome: ['timeout', 'rate-limited'] }],
      ['the model that was asked for', { model: 'gpt-4o' }],
      ['the model that served', { model: 'Qwen/Qwen3-32B' }],
      ['the key of its first attempt', { key: 'key_b' }],
      ['the key of its last attempt', { key: 'key_b2' }],
      ['its client', { client: 'client_1' }],
      ['its address', { address: '10.0.0.9' }],
      ['when it came', { from: at + 1 }],
      ['when it came and its status', { from: at + 1, to: at + 2, status: [{ from: 503, to: 503 }] }],
      ['a part of its id, in any case', { q: 'REQ-1' }],
      ['a part of its agent', { q: '工具' }],
      ['a quote of its agent', { q: '"quoted"' }],
      ['a part of its code', { q: 'keys_cool' }],
      ['a part of a key', { q: 'y_b2' }],
    ])(`${name}: a request is found by %s`, async (_field, filter) => {
      const { add, read } = await opening()
      await add([storedRequest(0), unlike])
      expect(await read(filter)).toEqual({ items: [unlike], total: 1, next: null })
    })

    it.each<[string, RequestFilter]>([
      ['a part of a key', { key: 'key_' }],
      ['an account in place of a key', { key: 'key_c' }],
      ['a pattern', { q: '%' }],
      ['a part of a model', { model: 'gpt' }],
      ['the instant before which it must have come', { to: at }],
      ['no status', { status: [] }],
      ['an attempt to leave the text', { client: "x' OR 1=1 --" }],
    ])(`${name}: no request is found by %s`, async (_field, filter) => {
      const { add, read } = await opening()
      await add([storedRequest(0), unlike])
      expect(await read(filter)).toEqual({ items: [], total: 0, next: null })
    })

    it(`${name}: the oldest requests go when there are more than are kept`, async () => {
      const { add, read } = await opening()
      for (let number = 0; number < 6; number++) await add([storedRequest(number)], { ...plenty, rows: 3 })
      const { items, total } = await read()
      expect([ids(items), total]).toEqual([['req-5', 'req-4', 'req-3'], 3])
    })

    it(`${name}: requests go when they are older than is kept`, async () => {
      const { add, read } = await opening()
      const day = 86_400_000
      await add([storedRequest(0), storedRequest(1, { at: at + day })])
      await add([storedRequest(2, { at: at + 2 * day })], { ...plenty, days: 1 }, at + 2 * day)
      expect(ids((await read()).items)).toEqual(['req-2', 'req-1'])
    })

    it(`${name}: the oldest requests go when all take more space than is kept`, async () => {
      const { add, read } = await opening()
      const userAgent = 'x'.repeat(100_000)
      const entries = Array.from({ length: 10 }, (_, number) => storedRequest(number, { userAgent }))
      await add(entries, { ...plenty, megabytes: 0.5 })
      expect(ids((await read()).items)).toEqual(['req-9', 'req-8', 'req-7', 'req-6', 'req-5'])
      await add([storedRequest(10, { userAgent })], { ...plenty, megabytes: 0.5 })
      expect(ids((await read()).items)).toEqual(['req-10', 'req-9', 'req-8', 'req-7', 'req-6'])
    })

    it(`${name}: thousands of requests are searched to their end`, async () => {
      const { add, read } = await opening()
      const keep = { ...plenty, rows: 9_500 }
      await add(
        Array.from({ length: 9_500 }, (_, number) => storedRequest(number)),
        keep,
      )
      const { items, total } = await read({ q: 'req-1', limit: 2 })
      expect([ids(items), total]).toEqual([['req-1999', 'req-1998'], 1_111])
      expect((await read({ limit: 1, client: 'nobody' })).total).toBe(0)
    })
  })
}
