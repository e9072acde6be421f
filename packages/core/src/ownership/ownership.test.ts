import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { KeyPool } from '../pool.js'
import { webSink } from '../relay/client/web-sink.js'
import { createCall } from '../relay/request/call.js'
import { sqliteStore } from '../store/sqlite/sqlite-store.js'
import { type SimulatedPool, type SimulatedPoolOptions, simulatedPool } from '../testing/simulated-pool.js'
import { batchForm, batchOf } from './testing/several-accounts.js'

const folder = mkdtempSync(join(tmpdir(), 'sfpool-ownership-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const speechModel = 'FunAudioLLM/CosyVoice2-0.5B'
const voice = { model: speechModel, customName: 'mine', text: 'hello', audio: 'data:audio/mpeg;base64,AAAA' }

/** Three accounts in round robin. */
const threeAccounts = (options: SimulatedPoolOptions = {}): Promise<SimulatedPool> =>
  simulatedPool({
    keys: 3,
    scenario: { settings: { queueMs: 0, workMs: 0 } },
    ...options,
    pool: { strategy: 'round-robin', ...options.pool },
  })

async function upload(pool: KeyPool): Promise<string> {
  const answer = await pool.fetch(`${pool.baseURL}/files`, { method: 'POST', body: batchForm(1) })
  return ((await answer.json()) as { data: { id: string } }).data.id
}

const json = async (answer: Promise<Response>): Promise<unknown> => (await answer).json()
const idOf = async (answer: Promise<Response>): Promise<string> => ((await json(answer)) as { id: string }).id

/** The places of the keys that served calls to paths below this one. */
const usedFor = ({ calls, keys }: SimulatedPool, path: string): number[] =>
  calls.filter((call) => call.path.startsWith(`/v1${path}`)).map(({ key }) => keys.indexOf(key ?? ''))

describe('a pool of three accounts in round robin', () => {
  it('a file’s batch is created, read and cancelled in the file’s account', async () => {
    const stage = await threeAccounts()
    const { pool, ask } = stage
    for (let account = 0; account < 3; account++) {
      const file = await upload(pool)
      const id = await idOf(ask('/batches', batchOf(file)))
      for (let time = 0; time < 2; time++) expect(await idOf(ask(`/batches/${id}`))).toBe(id)
      expect(await idOf(ask(`/batches/${id}/cancel`, {}))).toBe(id)
    }
    const [first, ...others] = usedFor(stage, '/files')
    expect(new Set([first, ...others]).size).toBe(3)
    expect(usedFor(stage, '/batches')).toEqual([first, ...others].flatMap((key) => [key, key, key, key]))
  })

  it('a voice speaks in the account that created it, and a deleted file is forgotten', async () => {
    const stage = await threeAccounts()
    const { pool, ask } = stage
    await json(ask('/models'))
    const { uri } = (await json(ask('/uploads/audio/voice', voice))) as { uri: string }
    for (let time = 0; time < 3; time++) {
      const answer = await ask('/audio/speech', {
        model: speechModel,
        input: 'Hello',
        voice: uri,
        stream: false,
      })
      expect(answer.status).toBe(200)
      await answer.arrayBuffer()
    }
    expect(new Set(usedFor(stage, '/audio/speech'))).toEqual(new Set(usedFor(stage, '/uploads')))
    const file = await upload(pool)
    const end = (): Promise<Response> => ask(`/files/${file}`, undefined, { method: 'DELETE' })
    expect(await json(end())).toMatchObject({ data: { deleted: true } })
    expect((await end()).status).toBe(404)
  })

  it('a list holds the files of all accounts', async () => {
    const { pool, ask } = await threeAccounts()
    const files = [await upload(pool), await upload(pool), await upload(pool)]
    const answer = await ask('/files?purpose=batch')
    expect(answer.headers.has('x-sfpool-incomplete')).toBe(false)
    const { data } = (await answer.json()) as { data: { data: { id: string }[] } }
    expect(data.data.map(({ id }) => id).toSorted()).toEqual(files.toSorted())
    expect(pool.stats().requests).toBe(4)
  })

  it('a batch that another pool created is found by a search', async () => {
    const { keys, pool, ask } = await threeAccounts()
    await using other = new KeyPool({ keys: [keys[2] ?? ''], baseURL: pool.baseURL })
    const made = other.fetch(`${pool.baseURL}/batches`, {
      method: 'POST',
      body: JSON.stringify(batchOf(await upload(other))),
      headers: { 'content-type': 'application/json' },
    })
    const id = await idOf(made)
    expect(await idOf(ask(`/batches/${id}`))).toBe(id)
    expect((await ask('/batches/batch_none')).status).toBe(404)
  })

  it('a call about a file whose account is cooling down gets 429, never another account’s 404', async () => {
    const stage = await threeAccounts({ pool: { queue: { maxWaitMs: 0 } } })
    const { pool, ask, simulator, keys } = stage
    const file = await upload(pool)
    const [owner = 0] = usedFor(stage, '/files')
    const when = { key: keys[owner] ?? '' }
    simulator.faults.add({ when, fault: { kind: 'error', name: 'rate-limit-rpm' }, times: 1 })
    for (let time = 0; time < 2; time++) {
      const answer = await ask('/batches', batchOf(file))
      expect(answer.status).toBe(429)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(new Set(usedFor(stage, '/batches'))).toEqual(new Set([owner]))
  })
})

it('a video that an account paid for can be read though the account has no money left', async () => {
  const { ask, chat, simulator } = await threeAccounts()
  const made = await json(ask('/video/submit', { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'rain' }))
  for (const { id } of simulator.accounts.list()) simulator.accounts.update(id, { money: { charged: '0' } })
  expect((await chat()).status).toBe(402)
  expect(await json(ask('/video/status', made))).toMatchObject({ status: 'Succeed' })
  expect((await ask('/batches')).status).toBe(200)
})

describe('keys that change their account', () => {
  it('a key that is moved to a named account keeps the files that it created', async () => {
    const stage = await threeAccounts()
    const { pool, ask } = stage
    const file = await upload(pool)
    const [owner = 0] = usedFor(stage, '/files')
    const [key] = pool.keys.find([stage.keys[owner] ?? ''])
    await pool.keys.update(key?.id ?? '', { account: 'acme' })
    for (let time = 0; time < 2; time++) expect((await ask('/batches', batchOf(file))).status).toBe(200)
    expect(usedFor(stage, '/batches')).toEqual([owner, owner])
  })

  it('a batch of a removed key is searched for in the other accounts, and found again once the key is back', async () => {
    const stage = await threeAccounts()
    const { pool, ask } = stage
    const id = await idOf(ask('/batches', batchOf(await upload(pool))))
    const [owner = 0] = usedFor(stage, '/files')
    const [key] = pool.keys.find([stage.keys[owner] ?? ''])
    await pool.keys.remove([key?.id ?? ''])
    expect((await ask(`/batches/${id}`)).status).toBe(404)
    await pool.keys.add([stage.keys[owner] ?? ''])
    expect(await idOf(ask(`/batches/${id}`))).toBe(id)
  })
})

describe('a traced call', () => {
  it('the trace of a list names the attempts in all accounts', async () => {
    const { pool } = await threeAccounts()
    const { sink, response } = webSink()
    const input = {
      method: 'GET',
      path: '/batches',
      headers: [],
      body: null,
      isTraced: true,
      requestId: 'r1',
    }
    await pool.relay(createCall(input, pool.provider), sink)
    const { headers } = await response
    expect(JSON.parse(headers.get('x-sfpool-trace') ?? '')).toMatchObject({
      attempts: Array.from({ length: 3 }, () => ({ outcome: 'success', status: 200 })),
    })
    expect(headers.get('x-request-id')).toBe('r1')
  })
})

describe('a restarted pool', () => {
  it('a restarted pool asks for a file in the account that created it', async () => {
    const path = join(folder, 'keys.db')
    const stage = await threeAccounts({ pool: { store: await sqliteStore({ path }) } })
    await json(stage.ask('/models'))
    const file = await upload(stage.pool)
    await stage.pool.close()
    const store = await sqliteStore({ path })
    await using again = new KeyPool({ store, baseURL: stage.pool.baseURL, strategy: 'round-robin' })
    const ask = (below: string, body?: unknown): Promise<Response> =>
      again.fetch(
        `${again.baseURL}${below}`,
        body === undefined
          ? {}
          : {
              method: 'POST',
              body: JSON.stringify(body),
              headers: { 'content-type': 'application/json' },
            },
      )
    const id = await idOf(ask('/batches', batchOf(file)))
    expect(await idOf(ask(`/batches/${id}`))).toBe(id)
    const [owner] = usedFor(stage, '/files')
    expect(usedFor(stage, '/batches')).toEqual([owner, owner])
  })
})
