import { describe, expect, it } from 'vitest'
import type { JournalEntry, Records } from '../records.js'
import { recordsOf } from '../records-of.js'
import type { Store } from '../store.js'

interface Places {
  newPlace(): string
  opened(place?: string): Promise<Store>
}

const at = 1_700_000_000_000

const named = (n: number) => ({ kind: 'client', id: `client-${n}`, value: { n } })

/** What every store must do with records and journals. */
export function describeRecords(name: string, { newPlace, opened }: Places): void {
  const records = async (place?: string): Promise<Records> => recordsOf(await opened(place))
  const idsOf = async (store: Records, kind = 'client'): Promise<string[]> =>
    (await store.list(kind)).items.map(({ id }) => id)

  describe(`${name}: records`, () => {
    it.each([
      { text: 'a "quoted" ä 日本 😀 \n', list: [1, null, { a: [] }], yes: true, none: null },
      'a text',
      1.5,
      9_007_199_254_740_991,
      null,
      [],
      false,
    ])('the store gives the value %j back as it was put', async (value) => {
      const store = await records()
      const put = await store.write({ at, put: [{ kind: 'setting', id: 'some "id" ä', value }] })
      const stored = await store.get('setting', 'some "id" ä')
      expect(stored).toEqual({
        kind: 'setting',
        id: 'some "id" ä',
        value,
        secret: null,
        revision: expect.any(Number),
        createdAt: at,
        changedAt: at,
        expiresAt: null,
      })
      expect(put).toEqual([stored])
      expect(await store.get('client', 'some "id" ä')).toBeUndefined()
      expect(await store.get('setting', 'another')).toBeUndefined()
    })

    it('the store keeps when a record was made, and tells when it was changed', async () => {
      const store = await records()
      const [first] = await store.write({ at, put: [{ ...named(1), expiresAt: at + 900 }] })
      const [second] = await store.write({ at: at + 5, put: [{ ...named(1), value: 'changed' }] })
      expect(first).toMatchObject({ createdAt: at, changedAt: at, expiresAt: at + 900 })
      expect(second).toMatchObject({ createdAt: at, changedAt: at + 5, expiresAt: null, value: 'changed' })
      expect(second?.revision).toBeGreaterThan(first?.revision ?? Number.POSITIVE_INFINITY)
    })

    it('nobody changes what is stored by changing what was put or given', async () => {
      const store = await records()
      const value = { list: [1] }
      const write = store.write({ at, put: [{ kind: 'client', id: 'a', value }] })
      value.list.push(2)
      await write
      const given = (await store.get('client', 'a'))?.value as typeof value
      expect(given).toEqual({ list: [1] })
      given.list.push(3)
      expect((await store.get('client', 'a'))?.value).toEqual({ list: [1] })
    })

    it('a secret of a record is given back, also beside others of its kind', async () => {
      const store = await records()
      await store.write({ at, put: [{ ...named(1), secret: 'sk-fake-record' }, named(2)] })
      expect(await store.get('client', 'client-1')).toMatchObject({ secret: 'sk-fake-record' })
      expect((await store.list('client')).items.map(({ secret }) => secret)).toEqual(['sk-fake-record', null])
    })

    it('the store writes all of a batch or nothing', async () => {
      const store = await records()
      await store.write({ at, put: [named(1), named(2)] })
      const before = await store.revision()
      const batch = {
        at,
        put: [named(3), { ...named(1), value: 'changed' }],
        remove: [{ kind: 'client', id: 'client-2' }],
        append: [{ journal: 'audit', value: 'tried' }],
      }
      const cyclic: Record<string, unknown> = {}
      cyclic.self = cyclic
      const broken = [...batch.put, { ...named(4), value: cyclic as never }]
      await expect(store.write({ ...batch, put: broken })).rejects.toThrow()
      const late = [...batch.put, { ...named(5), expected: 77 }]
      await expect(store.write({ ...batch, put: late })).rejects.toMatchObject({ code: 'store_conflict' })
      expect(await idsOf(store)).toEqual(['client-1', 'client-2'])
      expect(await store.get('client', 'client-1')).toMatchObject({ value: { n: 1 } })
      expect((await store.readJournal('audit')).items).toEqual([])
      expect(await store.revision()).toBe(before)
      await store.write(batch)
      expect(await idsOf(store)).toEqual(['client-1', 'client-3'])
      expect((await store.readJournal('audit')).items).toEqual([{ journal: 'audit', at, value: 'tried' }])
    })

    it.each([undefined, () => 1])('the store refuses %s as a value', async (value) => {
      const store = await records()
      const put = [{ kind: 'client', id: 'a', value: value as never }]
      await expect(store.write({ at, put })).rejects.toThrow('value must be something that JSON can hold')
    })

    it('a record is written only at the revision that is expected', async () => {
      const store = await records()
      const [first] = await store.write({ at, put: [{ ...named(1), expected: null }] })
      const again = store.write({ at, put: [{ ...named(1), expected: null }] })
      await expect(again).rejects.toThrow('the client client-1 exists already')
      const revision = first?.revision ?? 0
      const [second] = await store.write({ at, put: [{ ...named(1), value: 'b', expected: revision }] })
      const late = store.write({ at, put: [{ ...named(1), value: 'c', expected: revision }] })
      await expect(late).rejects.toThrow(
        `the client client-1 was changed meanwhile: it is at revision ${second?.revision}, not ${revision}`,
      )
      const removal = { kind: 'client', id: 'client-1' }
      await expect(store.write({ at, remove: [{ ...removal, expected: revision }] })).rejects.toMatchObject({
        code: 'store_conflict',
      })
      await store.write({ at, remove: [{ ...removal, expected: second?.revision ?? 0 }] })
      // A record that was made anew is another one than that of before.
      await store.write({ at, put: [named(1)] })
      const ofBefore = store.write({ at, put: [{ ...named(1), expected: revision }] })
      await expect(ofBefore).rejects.toMatchObject({ code: 'store_conflict' })
      const gone = store.write({ at, put: [{ ...named(9), expected: revision }] })
      await expect(gone).rejects.toThrow('the client client-9 is gone')
    })

    it('of two processes that change a record at once, one is told of the other', async () => {
      const place = newPlace()
      const [one, other] = [await records(place), await records(place)]
      const [record] = await one.write({ at, put: [named(1)] })
      const change = { ...named(1), expected: record?.revision ?? 0 }
      const results = await Promise.allSettled([
        one.write({ at, put: [{ ...change, value: 'one' }] }),
        other.write({ at, put: [{ ...change, value: 'other' }] }),
      ])
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const winner = results[0]?.status === 'fulfilled' ? 'one' : 'other'
      expect(await other.get('client', 'client-1')).toMatchObject({ value: winner })
      expect(await one.get('client', 'client-1')).toMatchObject({ value: winner })
    })

    it('a record that a batch puts twice is written as it was given last', async () => {
      const store = await records()
      const put = await store.write({ at, put: [named(1), named(2), { ...named(1), value: 'last' }] })
      expect(put.map(({ id, value }) => [id, value])).toEqual([
        ['client-1', 'last'],
        ['client-2', { n: 2 }],
      ])
      expect(await idsOf(store)).toEqual(['client-1', 'client-2'])
    })

    it('the store lists by page, and no record is missed or given twice while others come and go', async () => {
      const store = await records()
      await store.write({ at, put: Array.from({ length: 700 }, (_, n) => named(n)) })
      await store.write({ at, put: [{ kind: 'user', id: 'another kind', value: 1 }] })
      const first = await store.list('client', { limit: 300 })
      expect(first.items.map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, n) => `client-${n}`))
      await store.write({
        at,
        put: [named(700), { ...named(5), value: 'changed' }, { ...named(650), value: 'changed' }],
        remove: [3, 299, 699].map((n) => ({ kind: 'client', id: `client-${n}` })),
      })
      const second = await store.list('client', { cursor: first.next, limit: 401 })
      const expected = Array.from({ length: 401 }, (_, n) => n + 300).filter((n) => n !== 699)
      expect(second.items.map(({ id }) => id)).toEqual(expected.map((n) => `client-${n}`))
      expect(second.next).toBeNull()
      const newest = await store.list('client', { order: 'newest', limit: 2 })
      expect(newest.items.map(({ id }) => id)).toEqual(['client-700', 'client-698'])
      const next = await store.list('client', { order: 'newest', limit: 1, cursor: newest.next })
      expect(next.items.map(({ id }) => id)).toEqual(['client-697'])
    })

    it('a list that ends with a page has no further one', async () => {
      const store = await records()
      await store.write({ at, put: [named(1), named(2)] })
      expect((await store.list('client', { limit: 2 })).next).toBeNull()
      expect(await store.list('client', { limit: 1 })).toMatchObject({ next: expect.any(String) })
      await expect(store.list('client', { cursor: 'made up' })).rejects.toThrow('cursor must be the `next`')
      await expect(store.list('client', { limit: 0 })).rejects.toThrow('limit must be a number above 0')
    })

    it('a reader that goes on from a page does not miss what took the place of a removed record', async () => {
      const store = await records()
      await store.write({ at, put: [named(1), named(2), named(3)] })
      const { next } = await store.list('client', { limit: 2 })
      await store.write({ at, remove: [2, 3].map((n) => ({ kind: 'client', id: `client-${n}` })) })
      await store.write({ at, put: [named(4)] })
      expect((await store.list('client', { cursor: next })).items.map(({ id }) => id)).toEqual(['client-4'])
    })

    it('records that are over are removed by the next write of any kind', async () => {
      const store = await records()
      const sessions = [10, 20, 30].map((ms) => ({
        kind: 'session',
        id: `until ${ms}`,
        value: ms,
        expiresAt: at + ms,
      }))
      await store.write({ at, put: sessions })
      expect(await idsOf(store, 'session')).toHaveLength(3)
      await store.write({ at: at + 20, put: [named(1)] })
      expect(await idsOf(store, 'session')).toEqual(['until 30'])
      expect(await store.get('session', 'until 20')).toBeUndefined()
    })

    it('the store raises the revision of records when they change, and only then', async () => {
      const place = newPlace()
      const [one, other] = [await records(place), await records(place)]
      const revisions = [await other.revision()]
      await one.write({ at, put: [named(1)] })
      revisions.push(await other.revision())
      await one.write({ at, append: [{ journal: 'audit', value: 1 }] })
      await one.write({ at, remove: [{ kind: 'client', id: 'unknown' }] })
      await one.write({ at })
      expect(await other.revision()).toBe(revisions.at(-1))
      await one.write({ at, remove: [{ kind: 'client', id: 'client-1' }] })
      revisions.push(await other.revision())
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b))
    })

    it('the revision of keys stays as it is when records change', async () => {
      const store = await opened()
      const before = await store.revision()
      await recordsOf(store).write({ at, put: [named(1)], append: [{ journal: 'audit', value: 1 }] })
      expect(await store.revision()).toBe(before)
    })
  })

  describe(`${name}: journals`, () => {
    const valuesOf = (items: readonly JournalEntry[]): unknown[] => items.map(({ value }) => value)

    it('a journal is read newest first, page by page, while others write to it', async () => {
      const store = await records()
      for (let n = 1; n <= 5; n++) {
        await store.write({ at: at + n, append: [{ journal: 'audit', value: { n } }] })
        await store.write({ at: at + n, append: [{ journal: 'another', value: n }] })
      }
      const first = await store.readJournal('audit', { limit: 2 })
      expect(first.items).toEqual([
        { journal: 'audit', at: at + 5, value: { n: 5 } },
        { journal: 'audit', at: at + 4, value: { n: 4 } },
      ])
      await store.write({ at: at + 6, append: [{ journal: 'audit', value: { n: 6 } }] })
      const second = await store.readJournal('audit', { limit: 3, cursor: first.next })
      expect(valuesOf(second.items)).toEqual([{ n: 3 }, { n: 2 }, { n: 1 }])
      expect(second.next).toBeNull()
      expect((await store.readJournal('unknown')).items).toEqual([])
    })

    it('a journal gives the entries of a period', async () => {
      const store = await records()
      for (let n = 1; n <= 5; n++) await store.write({ at: at + n, append: [{ journal: 'audit', value: n }] })
      const { items } = await store.readJournal('audit', { from: at + 2, to: at + 4 })
      expect(valuesOf(items)).toEqual([3, 2])
    })

    it('a journal keeps as many entries as it was given room for, and only those that are young enough', async () => {
      const store = await records()
      const append = (n: number, ageMs = 1_000) =>
        store.write({ at: at + n, append: [{ journal: 'audit', value: n, rows: 3, ageMs }] })
      await store.write({ at, append: [{ journal: 'another', value: 'stays' }] })
      for (let n = 1; n <= 5; n++) await append(n)
      expect(valuesOf((await store.readJournal('audit')).items)).toEqual([5, 4, 3])
      await append(1_005)
      expect(valuesOf((await store.readJournal('audit')).items)).toEqual([1_005, 5])
      await append(1_006, 0)
      expect(valuesOf((await store.readJournal('audit')).items)).toEqual([1_006])
      expect(valuesOf((await store.readJournal('another')).items)).toEqual(['stays'])
    })

    it('entries that two processes write at once are all there', async () => {
      const place = newPlace()
      const [one, other] = [await records(place), await records(place)]
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? one : other).write({ at, append: [{ journal: 'audit', value: n }] }),
        ),
      )
      const { items } = await one.readJournal('audit')
      expect(new Set(valuesOf(items))).toEqual(new Set(Array.from({ length: 20 }, (_, n) => n)))
    })
  })
}
