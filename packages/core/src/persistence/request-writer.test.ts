import { expect, it } from 'vitest'
import { PoolEmitter } from '../events.js'
import { memoryRequests } from '../store/memory/memory-requests.js'
import type { RequestBatch } from '../store/stored-request.js'
import { storedRequest } from '../store/testing/request-contract.js'
import { fakeRuntime } from '../testing/fake-runtime.js'
import { RequestWriter } from './request-writer.js'

const keep = { rows: 1_000, days: 30, megabytes: 10 }

function setUp(given: { readonly keep: typeof keep | null } = { keep }) {
  const runtime = fakeRuntime()
  const events = new PoolEmitter()
  const errors: string[] = []
  events.on('store-error', ({ error }) => void errors.push(error.message))
  const memory = memoryRequests()
  const batches: RequestBatch[] = []
  let isBroken = false
  const store = {
    ...memory,
    addRequests: async (batch: RequestBatch) => {
      batches.push(batch)
      if (isBroken) throw new Error('the disk is full')
      await memory.addRequests(batch)
    },
  }
  const writer = new RequestWriter({ store, runtime, events, ...given })
  const add = (count: number): void => {
    for (let number = 0; number < count; number++)
      writer.add(storedRequest(number, { at: runtime.now() + number }))
  }
  const breakStore = (broken: boolean): void => {
    isBroken = broken
  }
  return { runtime, errors, writer, batches, add, breakStore }
}

it('requests are written once a second, however many there are', async () => {
  const { runtime, batches, add } = setUp()
  add(300)
  await runtime.advanceAsync(999)
  expect(batches).toHaveLength(0)
  await runtime.advanceAsync(1)
  expect(batches.map(({ entries }) => entries.length)).toEqual([300])
  expect(runtime.timerCount).toBe(0)
})

it('a reader finds requests that are not written yet', async () => {
  const { writer, add } = setUp()
  add(3)
  expect((await writer.read({ limit: 10 })).total).toBe(3)
})

it('a log that is not kept takes nothing and starts no timer', async () => {
  const { runtime, writer, batches, add } = setUp({ keep: null })
  add(3)
  expect(runtime.timerCount).toBe(0)
  expect(await writer.read({ limit: 10 })).toEqual({ items: [], total: 0, next: null })
  expect(batches).toHaveLength(0)
})

it('requests that the store refused are written when it takes them again, in their order', async () => {
  const { runtime, writer, errors, add, breakStore } = setUp()
  breakStore(true)
  add(2)
  await runtime.advanceAsync(1_000)
  expect(errors).toEqual(['the disk is full'])
  writer.add(storedRequest(7, { at: runtime.now() }))
  breakStore(false)
  await runtime.advanceAsync(2_000)
  const { items } = await writer.read({ limit: 10, order: 'oldest' })
  expect(items.map(({ id }) => id)).toEqual(['req-0', 'req-1', 'req-7'])
})

it('a store that goes on failing is asked less often, and reported once a minute', async () => {
  const { runtime, batches, errors, add, breakStore } = setUp()
  breakStore(true)
  add(1)
  await runtime.advanceAsync(59_000)
  expect(batches.length).toBeLessThan(8)
  expect(errors).toHaveLength(1)
  await runtime.advanceAsync(60_000)
  expect(errors).toHaveLength(2)
})

it('requests beyond ten thousand that wait for a store are dropped, and their number is told', async () => {
  const { runtime, writer, errors, add, breakStore } = setUp()
  breakStore(true)
  add(10_000)
  await runtime.advanceAsync(1_000)
  add(25)
  breakStore(false)
  await runtime.advanceAsync(30_000)
  expect(errors.at(-1)).toBe(
    '25 requests are missing in the request log, because the store was slow or failed; they were served',
  )
  expect((await writer.read({ limit: 1 })).items[0]?.id).toBe('req-9999')
})

it('a close writes what waits, and starts no timer more', async () => {
  const { runtime, writer, batches, add, breakStore } = setUp()
  add(2)
  breakStore(true)
  await writer.close()
  expect(batches).toHaveLength(1)
  expect(runtime.timerCount).toBe(0)
})

it('a key in a field that clients write is masked before it is written', async () => {
  const { runtime, writer } = setUp()
  const secret = 'sk-abcdefghijklmnopqrstuvwxyz0123456789abcdefghij'
  const fields = { id: secret, userAgent: `tool ${secret}`, model: secret, servedModel: secret }
  writer.add(storedRequest(0, { ...fields, at: runtime.now(), path: `/v1/${secret}` }))
  const page = await writer.read({ limit: 1 })
  expect(page.items).toHaveLength(1)
  expect(Object.values(page.items[0] ?? {}).join(' ')).not.toContain('mnopqrst')
})
