import { describe, expect, it } from 'vitest'
import { fakeRuntime, promisesSettled } from '../testing/fake-runtime.js'
import { batchForm, batchOf, type SeveralAccounts, severalAccounts } from './testing/several-accounts.js'

interface Listed {
  readonly data: readonly { readonly id: string; readonly created_at: number }[]
  readonly has_more: boolean
  readonly first_id: string | null
  readonly last_id: string | null
}

const idsOf = ({ data }: Pick<Listed, 'data'>): string[] => data.map(({ id }) => id)

/** Each account in turn makes a batch, `count` times; the ids, newest first. */
async function batches({ directly, pools }: SeveralAccounts, count: number): Promise<string[]> {
  const ids: string[] = []
  const files: string[] = []
  for (let account = 1; account <= pools.length; account++) {
    const made = (await directly(account, '/files', { method: 'POST', body: batchForm(1) })) as {
      data: { id: string }
    }
    files.push(made.data.id)
  }
  for (let n = 0; n < count; n++) {
    for (const [index, file] of files.entries()) {
      const { id } = (await directly(index + 1, '/batches', { json: batchOf(file) })) as { id: string }
      ids.unshift(id)
    }
  }
  return ids
}

describe('a list', () => {
  it('a list of files holds those of every account, in the shape of the upstream', async () => {
    const stage = await severalAccounts()
    const files = [await stage.upload(), await stage.upload(2), await stage.upload(3)]
    const answer = await stage.ask('/files?purpose=batch')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('x-sfpool-attempts')).toBe('3')
    expect(answer.headers.has('x-sfpool-incomplete')).toBe(false)
    const body = (await answer.json()) as { data: Listed }
    expect(body).toMatchObject({ code: 20_000, status: true, data: { object: 'file' } })
    expect(body.data).not.toHaveProperty('has_more')
    expect(idsOf(body.data).toSorted()).toEqual(files.toSorted())
    expect(stage.reports.slice(3)).toMatchObject([
      { status: 200, outcome: 'success', attempts: [{}, {}, {}] },
    ])
  })

  it('a list of batches is newest first, and names its first and last', async () => {
    const stage = await severalAccounts()
    const made = await batches(stage, 3)
    const list = (await stage.json('/batches')) as Listed
    expect(idsOf(list).toSorted()).toEqual(made.toSorted())
    expect(list).toMatchObject({ object: 'list', has_more: false })
    expect([list.first_id, list.last_id]).toEqual([list.data.at(0)?.id, list.data.at(-1)?.id])
    const times = list.data.map((batch) => batch.created_at)
    expect(times).toEqual(times.toSorted((a, b) => b - a))
  })

  it('a list is read in pages to its end, without a gap or a repetition', async () => {
    const stage = await severalAccounts()
    const made = await batches(stage, 5)
    for (const limit of [1, 4, 7]) {
      const seen: string[] = []
      let page = (await stage.json(`/batches?limit=${limit}`)) as Listed
      for (;;) {
        expect(page.data.length).toBeLessThanOrEqual(limit)
        seen.push(...idsOf(page))
        if (!page.has_more) break
        page = (await stage.json(`/batches?limit=${limit}&after=${page.last_id}`)) as Listed
      }
      expect(seen).toHaveLength(15)
      expect(new Set(seen)).toEqual(new Set(made))
    }
  })

  it('a list is read to its end though an account has more than one page of it', async () => {
    const stage = await severalAccounts({ accounts: 2 })
    const { directly, json } = stage
    const [, made = ''] = await batches(stage, 1)
    const { input_file_id } = (await directly(1, `/batches/${made}`)) as { input_file_id: string }
    for (let n = 0; n < 120; n++) await directly(1, '/batches', { json: batchOf(input_file_id) })
    const seen: string[] = []
    let page = (await json('/batches?limit=50')) as Listed
    for (;;) {
      seen.push(...idsOf(page))
      if (!page.has_more) break
      page = (await json(`/batches?limit=50&after=${page.last_id}`)) as Listed
    }
    expect(new Set(seen).size).toBe(122)
    expect(seen).toHaveLength(122)
  })

  it('a list of voices holds those of every account', async () => {
    const stage = await severalAccounts()
    const voice = (customName: string) => ({
      model: 'FunAudioLLM/CosyVoice2-0.5B',
      customName,
      text: 'hello',
      audio: 'data:audio/mpeg;base64,AAAA',
    })
    for (const name of ['one', 'two', 'three'])
      await stage.json('/uploads/audio/voice', { json: voice(name) })
    const { results } = (await stage.json('/audio/voice/list')) as { results: { customName: string }[] }
    expect(results.map(({ customName }) => customName)).toEqual(['one', 'two', 'three'])
  })

  it('a list teaches the relay the owners of its entries', async () => {
    const stage = await severalAccounts()
    const made = await batches(stage, 2)
    await stage.json('/batches')
    const lookUps = stage.store.calls.ownersOf
    const known = await Promise.all(made.map((id) => stage.owners.ownerOf([id])))
    expect(known).toEqual([3, 2, 1, 3, 2, 1].map((number) => `account-${number}`))
    expect(stage.store.calls.ownersOf).toBe(lookUps)
  })

  it('a list of a pool with one account is the upstream’s own, and teaches the owners', async () => {
    const stage = await severalAccounts({ accounts: 1 })
    const [id = ''] = await batches(stage, 1)
    stage.simulator.faults.add({ fault: { kind: 'headers', headers: { 'x-upstream': 'yes' } } })
    const answer = await stage.ask('/batches')
    expect(answer.headers.get('x-upstream')).toBe('yes')
    expect(idsOf((await answer.json()) as Listed)).toEqual([id])
    expect(await stage.owners.ownerOf([id])).toBe('account-1')
  })
})

describe('an incomplete list', () => {
  it('an incomplete list says how many accounts are missing', async () => {
    const stage = await severalAccounts()
    const [third = '', second = '', first = ''] = await batches(stage, 1)
    const when = { account: 'account-2', path: '/batches' }
    stage.simulator.faults.add({ when, fault: { kind: 'error', name: 'rate-limit-tpm' } })
    const answer = await stage.ask('/batches')
    expect(answer.headers.get('x-sfpool-incomplete')).toBe('1')
    const ids = idsOf((await answer.json()) as Listed)
    expect(ids).not.toContain(second)
    expect(ids.toSorted()).toEqual([first, third].toSorted())
  })

  it('a list does not wait for an account longer than 15 seconds', async () => {
    const runtime = fakeRuntime()
    const stage = await severalAccounts({ runtime })
    await batches(stage, 1)
    stage.simulator.faults.add({
      when: { account: 'account-3', path: '/batches' },
      fault: { kind: 'hang', at: 'before-headers' },
    })
    const asked = stage.ask('/batches')
    while (stage.parts.length < 2) await promisesSettled()
    expect(runtime.timerCount).toBe(1)
    runtime.advance(14_999)
    expect(runtime.timerCount).toBe(1)
    runtime.shiftClock(-60_000)
    runtime.advance(1)
    const answer = await asked
    expect(answer.headers.get('x-sfpool-incomplete')).toBe('1')
    expect(stage.reports).toMatchObject([{ durationMs: 15_000 }])
    expect(((await answer.json()) as Listed).data).toHaveLength(2)
  })

  it('a list leaves out an account whose answer is no list', async () => {
    const stage = await severalAccounts()
    await batches(stage, 1)
    const when = { account: 'account-1', path: '/batches' }
    stage.simulator.faults.add({ when, fault: { kind: 'answer', status: 200, body: { soon: true } } })
    expect((await stage.ask('/batches')).headers.get('x-sfpool-incomplete')).toBe('1')
  })

  it('a list leaves out an account whose list is too large', async () => {
    const stage = await severalAccounts()
    await batches(stage, 1)
    const when = { account: 'account-2', path: '/batches' }
    const body = { object: 'list', data: [{ id: 'x'.repeat(9 * 1024 * 1024) }] }
    stage.simulator.faults.add({ when, fault: { kind: 'answer', status: 200, body } })
    const answer = await stage.ask('/batches')
    expect(answer.headers.get('x-sfpool-incomplete')).toBe('1')
    expect(((await answer.json()) as Listed).data).toHaveLength(2)
  })

  it('a list asks no disabled account', async () => {
    const stage = await severalAccounts()
    await batches(stage, 1)
    const [pool] = stage.pools
    await pool?.keys.disable(pool.keys.list().map(({ id }) => id))
    const answer = await stage.ask('/batches')
    expect(answer.headers.has('x-sfpool-incomplete')).toBe(false)
    expect(((await answer.json()) as Listed).data).toHaveLength(2)
  })
})

describe('a list that no account gives', () => {
  it('a list that no account gives is answered as the first account answers', async () => {
    const stage = await severalAccounts()
    const answer = await stage.ask('/files')
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: expect.any(Number), error: {} })
    expect(answer.headers.get('x-sfpool-attempts')).toBe('3')
    expect(stage.reports).toMatchObject([{ status: 400, outcome: 'rejected' }])
  })

  it('a list that no account gives in time is an error that says so', async () => {
    const runtime = fakeRuntime()
    const stage = await severalAccounts({ runtime })
    stage.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const asked = stage.ask('/batches')
    while (stage.simulator.requests.length < 3) await promisesSettled()
    runtime.advance(15_000)
    const answer = await asked
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({ error: { code: 'upstream_timeout' } })
  })

  it('a list is aborted when the client leaves', async () => {
    const runtime = fakeRuntime()
    const stage = await severalAccounts({ runtime })
    stage.simulator.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const leaving = new AbortController()
    const asked = stage.ask('/batches', { signal: leaving.signal })
    while (stage.simulator.requests.length < 3) await promisesSettled()
    leaving.abort()
    await expect(asked).rejects.toThrow('aborted')
    while (stage.reports.length === 0) await promisesSettled()
    expect(stage.reports).toMatchObject([{ status: 499, outcome: 'aborted' }])
    expect(runtime.timerCount).toBe(0)
  })
})
