import { describe, expect, it } from 'vitest'
import { promisesSettled } from '../testing/fake-runtime.js'
import { batchForm, batchOf, severalAccounts } from './testing/several-accounts.js'

const speechModel = 'FunAudioLLM/CosyVoice2-0.5B'
const videoModel = 'Wan-AI/Wan2.2-T2V-A14B'
const voice = { model: speechModel, customName: 'mine', text: 'hello', audio: 'data:audio/mpeg;base64,AAAA' }
const spoken = (uri: string) => ({ model: speechModel, input: 'Hello', voice: uri, stream: false })

type Batch = { id: string; output_file_id: string | null }

describe('a resource', () => {
  it('calls about a resource go to its account, while other calls go round', async () => {
    const { json, upload, calls } = await severalAccounts()
    const file = await upload()
    const batch = (await json('/batches', { json: batchOf(file) })) as Batch
    await json('/models')
    for (let time = 0; time < 3; time++) {
      expect(await json(`/batches/${batch.id}`)).toMatchObject({ id: batch.id, input_file_id: file })
    }
    expect(await json(`/batches/${batch.id}/cancel`, { json: {} })).toMatchObject({ id: batch.id })
    expect(calls()).toEqual([
      'POST /files account-1',
      'POST /batches account-1',
      'GET /models account-2',
      `GET /batches/${batch.id} account-1`,
      `GET /batches/${batch.id} account-1`,
      `GET /batches/${batch.id} account-1`,
      `POST /batches/${batch.id}/cancel account-1`,
    ])
  })

  it('reading, ending and listing resources is free, working with them is not', async () => {
    const { ask, json, directly, relayed } = await severalAccounts()
    const file = (await directly(1, '/files', { method: 'POST', body: batchForm(1) })) as {
      data: { id: string }
    }
    const batch = (await json('/batches', { json: batchOf(file.data.id) })) as Batch
    await json(`/batches/${batch.id}`)
    await json(`/batches/${batch.id}/cancel`, { json: {} })
    await json('/batches')
    await ask(`/files/${file.data.id}`, { method: 'DELETE' })
    await ask('/audio/speech', { json: spoken('speech:mine:cm04-fake:none') })
    await ask('/batches/batch_none')
    const paid = relayed.filter(({ isFree }) => !isFree).map(({ path }) => path)
    expect(paid).toEqual(['/batches', '/audio/speech'])
    expect(relayed.length).toBeGreaterThan(9)
  })

  it('the owner of a resource is known before the client has read the answer that names it', async () => {
    const { ask, owners, store } = await severalAccounts()
    const answer = await ask('/files', { method: 'POST', body: batchForm(1) })
    const { data } = (await answer.json()) as { data: { id: string } }
    const before = store.calls.ownersOf
    expect(await owners.ownerOf([data.id])).toBe('account-1')
    expect(store.calls.ownersOf).toBe(before)
  })

  it('the status of a video is asked of its account', async () => {
    const { json, calls } = await severalAccounts()
    const made = (await json('/video/submit', { json: { model: videoModel, prompt: 'rain' } })) as object
    for (let time = 0; time < 2; time++) {
      expect(await json('/video/status', { json: made })).toMatchObject({ status: 'Succeed' })
    }
    expect(calls()).toEqual(
      ['/video/submit', '/video/status', '/video/status'].map((path) => `POST ${path} account-1`),
    )
  })

  it('speech with a voice, and its deletion, go to its account', async () => {
    const { ask, json, calls, owners } = await severalAccounts()
    await json('/models')
    const { uri } = (await json('/uploads/audio/voice', { json: voice })) as { uri: string }
    expect((await ask('/audio/speech', { json: spoken(uri) })).status).toBe(200)
    const reference = { ...spoken(''), references: [{ audio: uri, text: 'hello' }] }
    expect((await ask('/audio/speech', { json: reference })).status).toBe(200)
    expect(await json('/audio/voice/deletions', { json: { uri } })).toBe('Ok')
    expect(
      calls()
        .slice(1)
        .every((call) => call.endsWith('account-2')),
    ).toBe(true)
    expect(await owners.ownerOf([uri])).toBeNull()
  })

  it('a resource is forgotten once it is deleted, and not when that failed', async () => {
    const { ask, json, upload, owners, simulator } = await severalAccounts()
    const file = await upload()
    simulator.faults.add({
      when: { method: 'DELETE' },
      fault: { kind: 'error', name: 'parameter-invalid' },
      times: 1,
    })
    expect((await ask(`/files/${file}`, { method: 'DELETE' })).ok).toBe(false)
    expect(await owners.ownerOf([file])).toBe('account-1')
    expect(await json(`/files/${file}`, { method: 'DELETE' })).toMatchObject({ data: { deleted: true } })
    expect(await owners.ownerOf([file])).toBeNull()
  })

  it('the results of a batch belong to its account', async () => {
    const { json, upload, owners } = await severalAccounts()
    const { id } = (await json('/batches', { json: batchOf(await upload()) })) as Batch
    let batch: Batch = { id, output_file_id: null }
    while (batch.output_file_id === null) batch = (await json(`/batches/${id}`)) as Batch
    expect(await owners.ownerOf([batch.output_file_id])).toBe('account-1')
  })

  it('a call about a resource whose owner cannot answer gets the owner’s error, and goes to no other account', async () => {
    const { ask, upload, simulator, calls } = await severalAccounts()
    const file = await upload()
    const when = { account: 'account-1' }
    simulator.faults.add({ when, fault: { kind: 'error', name: 'rate-limit-tpm' } })
    const answer = await ask('/batches', { json: batchOf(file) })
    expect(answer.status).toBe(429)
    expect(new Set(calls())).toEqual(new Set(['POST /files account-1', 'POST /batches account-1']))
  })

  it('an owner is learned from the successful answer to a call that names the resource', async () => {
    const { directly, ask, owners } = await severalAccounts()
    const { uri } = (await directly(1, '/uploads/audio/voice', { json: voice })) as { uri: string }
    expect((await ask('/audio/speech', { json: spoken(uri) })).status).toBe(200)
    expect(await owners.ownerOf([uri])).toBe('account-1')
    expect((await ask('/audio/speech', { json: spoken(uri) })).status).toBe(200)
  })

  it('an owner is not learned from an answer that is a refusal or breaks off', async () => {
    const { ask, simulator, owners, store } = await severalAccounts()
    simulator.faults.add({ when: { path: '/files' }, fault: { kind: 'close', at: 'mid-body' }, times: 3 })
    expect((await ask('/files', { method: 'POST', body: batchForm(1) })).ok).toBe(false)
    expect((await ask('/batches', { json: batchOf('file-none') })).status).toBe(404)
    await owners.settled()
    expect(store.calls.putOwners).toBeUndefined()
  })
})

describe('a store that fails', () => {
  it('a failing store fails no request, and is reported', async () => {
    const { ask, upload, json, store, errors } = await severalAccounts()
    store.broken.add('putOwners')
    store.broken.add('ownersOf')
    const file = await upload()
    expect(await json('/batches', { json: batchOf(file) })).toMatchObject({ input_file_id: file })
    expect((await ask('/batches/batch_none')).status).toBe(404)
    expect(new Set(errors)).toEqual(new Set(['the test broke putOwners', 'the test broke ownersOf']))
  })
})

describe('a resource of unknown owner', () => {
  it('a resource of unknown owner is searched for in several accounts, once', async () => {
    const { json, directly, upload, calls, parts, reports } = await severalAccounts({ accounts: 6 })
    await upload()
    const file = (await directly(5, '/files', { method: 'POST', body: batchForm(1) })) as {
      data: { id: string }
    }
    const { id } = (await directly(5, '/batches', { json: batchOf(file.data.id) })) as Batch
    calls()
    reports.length = 0
    expect(await json(`/batches/${id}`)).toMatchObject({ id })
    expect(calls()).toContain(`GET /batches/${id} account-5`)
    expect(parts.length).toBeGreaterThan(1)
    expect(reports).toMatchObject([{ status: 200, outcome: 'success', error: null }])
    const partCount = parts.length
    expect(await json(`/batches/${id}`)).toMatchObject({ id })
    expect(await json('/batches', { json: batchOf(file.data.id) })).toMatchObject({ object: 'batch' })
    expect(parts).toHaveLength(partCount)
    expect(calls()).toContain('POST /batches account-5')
  })

  it('a video of unknown owner is searched for by its status', async () => {
    const { json, directly, parts } = await severalAccounts()
    const made = (await directly(3, '/video/submit', {
      json: { model: videoModel, prompt: 'rain' },
    })) as object
    expect(await json('/video/status', { json: made })).toMatchObject({ status: 'Succeed' })
    const partCount = parts.length
    expect(await json('/video/status', { json: made })).toMatchObject({ status: 'Succeed' })
    expect(parts).toHaveLength(partCount)
  })

  it('the answer of the found owner reaches the client as it comes, of any length, with its headers', async () => {
    const { ask, simulator } = await severalAccounts()
    const body = 'x'.repeat(9 * 1024 * 1024)
    const headers = { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' }
    const when = { path: '/files/*', account: 'account-2' }
    simulator.faults.add({ when, fault: { kind: 'answer', status: 200, headers, body } })
    const answer = await ask('/files/file-elsewhere/content')
    expect(answer.headers.get('content-disposition')).toBe('attachment')
    expect(Number(answer.headers.get('x-sfpool-attempts'))).toBeGreaterThan(1)
    expect(await answer.text()).toBe(body)
  })

  it('a call that changes a resource of unknown owner goes to one account only', async () => {
    const { ask, calls } = await severalAccounts()
    expect((await ask('/files/file-none', { method: 'DELETE' })).status).toBe(404)
    expect((await ask('/batches/batch_none/cancel', { json: {} })).status).toBe(404)
    expect(calls()).toHaveLength(2)
  })
})

describe('a resource that no account knows', () => {
  it('a resource that no account knows is denied after all have been asked', async () => {
    const { ask, calls, reports, parts } = await severalAccounts()
    const answer = await ask('/batches/batch_none')
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({
      code: expect.any(Number),
      error: { code: expect.any(Number) },
    })
    expect(answer.headers.get('x-sfpool-attempts')).toBe('3')
    expect(
      calls()
        .map((call) => call.split(' ').at(-1))
        .sort(),
    ).toEqual(['account-1', 'account-2', 'account-3'])
    expect(parts).toHaveLength(3)
    expect(reports).toMatchObject([{ status: 404, outcome: 'rejected', attempts: [{}, {}, {}] }])
  })

  it('a resource is not denied while an account that could not be asked may own it', async () => {
    const { ask, simulator } = await severalAccounts()
    const when = { account: 'account-2' }
    // The limit of a day, because the end of a minute may be near enough to wait for.
    simulator.faults.add({ when, fault: { kind: 'error', name: 'rate-limit-rpd' } })
    expect((await ask('/batches/batch_none')).status).toBe(429)
  })
})

describe('a client that leaves while accounts are being asked', () => {
  it('a client that leaves a search aborts all its parts, and no key is blamed', async () => {
    const { ask, simulator, reports, parts, pools } = await severalAccounts()
    simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const leaving = new AbortController()
    const asked = ask('/batches/batch_none', { signal: leaving.signal })
    while (simulator.requests.length < 3) await promisesSettled()
    leaving.abort()
    await expect(asked).rejects.toThrow('aborted')
    while (reports.length === 0) await promisesSettled()
    expect(reports).toMatchObject([{ status: 499, outcome: 'aborted' }])
    expect(parts.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted', 'aborted'])
    while (simulator.requests.some(({ abortedAt }) => abortedAt === undefined)) await promisesSettled()
    expect(pools.map((pool) => pool.keys.list()[0]?.status)).toEqual(['ready', 'ready', 'ready'])
  })

  it('a client that left before the call causes no request', async () => {
    const { ask, calls } = await severalAccounts()
    await expect(ask('/batches', { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
    expect(calls()).toEqual([])
  })
})

describe('calls without a resource', () => {
  it('calls without a resource are relayed as they are', async () => {
    const { ask, calls, owners, store } = await severalAccounts()
    const voiceOfAll = { ...spoken(`${speechModel}:alex`) }
    expect((await ask('/audio/speech', { json: voiceOfAll })).status).toBe(200)
    expect((await ask('/files/file-1/unheard-of')).status).toBe(404)
    await owners.settled()
    expect(calls()).toHaveLength(2)
    expect(store.calls).toEqual({})
  })
})
