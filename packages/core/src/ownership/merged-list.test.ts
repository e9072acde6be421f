import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import {
  type AccountList,
  type Entry,
  idOf,
  type ListQuery,
  listQuery,
  mergeLists,
  pagePath,
  readPage,
} from './merged-list.js'

const everything: ListQuery = { limit: null, after: null, isAscending: false }
const entry = (id: string, created_at: number): Entry => ({ id, created_at })
const list = (account: string, entries: readonly Entry[], hasMore = false): AccountList => ({
  account,
  entries,
  hasMore,
})
const ids = (entries: readonly Entry[]): (string | null)[] => entries.map(idOf)

describe('what a client asks of a list', () => {
  it.each<[string, Partial<ListQuery>]>([
    ['/batches', {}],
    ['/batches?limit=20&after=batch_1', { limit: 20, after: 'batch_1' }],
    ['/files?order=asc&purpose=batch', { isAscending: true }],
    ['/batches?limit=many&after=', {}],
    ['/batches?after=a%2Fb', { after: 'a/b' }],
  ])('%s', (path, expected) => {
    expect(listQuery(path)).toEqual({ ...everything, ...expected })
  })

  it('is asked of each account in full pages, with the rest of the query as it was', () => {
    expect(pagePath('/files?purpose=batch&limit=2&after=x', null)).toBe('/files?purpose=batch&limit=100')
    expect(pagePath('/batches?after=x', 'batch 2')).toBe('/batches?limit=100&after=batch+2')
  })
})

describe('a page', () => {
  it.each([
    [{ code: 20_000, status: true, data: { data: [{ id: 'a' }], object: 'file' } }, ['a']],
    [{ object: 'list', data: [{ id: 'a' }, { id: 'b' }], has_more: true }, ['a', 'b']],
    [{ results: [{ uri: 'speech:a' }] }, ['speech:a']],
    [{ result: [{ uri: 'speech:a' }, null, 'x'] }, ['speech:a']],
    [{ data: [] }, []],
  ])('is read from %j', (answer, expected) => {
    expect(ids(readPage(answer)?.entries ?? [])).toEqual(expected)
  })

  it.each([null, 'Ok', [], {}, { data: null }, { data: {} }, { data: 'x' }])(
    'is not read from %j',
    (answer) => {
      expect(readPage(answer)).toBeNull()
    },
  )

  it('is written in the same shape with other entries', () => {
    const entries = [entry('a', 2), entry('b', 1)]
    const files = { code: 20_000, message: 'Ok', status: true, data: { data: [], object: 'file' } }
    expect(readPage(files)?.write(entries, true)).toEqual({
      ...files,
      data: { data: entries, object: 'file' },
    })
    const batches = { object: 'list', data: [], first_id: null, last_id: null, has_more: false }
    expect(readPage(batches)?.write(entries, true)).toEqual({
      object: 'list',
      data: entries,
      first_id: 'a',
      last_id: 'b',
      has_more: true,
    })
    expect(readPage({ results: [] })?.write([], false)).toEqual({ results: [] })
  })
})

describe('a merged list', () => {
  it('is newest first, under either name of the time, or oldest first when asked for', () => {
    const lists = [list('a', [{ id: 'a2', createdAt: 5 }, entry('a1', 1)]), list('b', [entry('b1', 3)])]
    expect(ids(mergeLists(lists, everything).entries)).toEqual(['a2', 'b1', 'a1'])
    expect(ids(mergeLists(lists, { ...everything, isAscending: true }).entries)).toEqual(['a1', 'b1', 'a2'])
  })

  it('keeps the order of the accounts among entries without a time', () => {
    const lists = [list('a', [{ uri: 'z' }, { uri: 'y' }]), list('b', [{ uri: 'x', created_at: 'soon' }])]
    expect(ids(mergeLists(lists, everything).entries)).toEqual(['z', 'y', 'x'])
  })

  it('names once what two accounts list that are one at the upstream', () => {
    const lists = [list('a', [entry('same', 1)]), list('b', [entry('same', 1), entry('b1', 0)])]
    expect(ids(mergeLists(lists, everything).entries)).toEqual(['same', 'b1'])
  })

  it('ends where an account may have more that comes before the rest of the others', () => {
    const lists = [
      list('a', [entry('a9', 9), entry('a7', 7)], true),
      list('b', [entry('b8', 8), entry('b1', 1)]),
    ]
    expect(mergeLists(lists, everything)).toMatchObject({
      hasMore: true,
      entries: [{ id: 'a9' }, { id: 'b8' }, { id: 'a7' }],
    })
  })

  it('has nothing behind an entry that is gone', () => {
    const lists = [list('a', [entry('a1', 1)], true)]
    expect(mergeLists(lists, { ...everything, after: 'gone' })).toEqual({ entries: [], hasMore: false })
  })

  it('read in pages is the whole list, whatever the pages and the times', () => {
    const times = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 8 }), { maxLength: 4 })
    assertProperty(
      fc.property(times, fc.integer({ min: 1, max: 5 }), (accounts, limit) => {
        const lists = accounts.map((instants, account) =>
          list(
            `${account}`,
            instants.toSorted((a, b) => b - a).map((at, n) => entry(`${account}-${n}`, at)),
          ),
        )
        const whole = ids(mergeLists(lists, everything).entries)
        const seen: (string | null)[] = []
        let after: string | null = null
        for (;;) {
          const page = mergeLists(after === null ? firstPages(lists, limit) : lists, {
            ...everything,
            limit,
            after,
          })
          seen.push(...ids(page.entries))
          if (!page.hasMore) break
          after = seen.at(-1) ?? null
        }
        expect(seen).toEqual(whole)
      }),
    )
  })
})

/** What the accounts answer to a first page. */
const firstPages = (lists: readonly AccountList[], limit: number): AccountList[] =>
  lists.map(({ account, entries }) => list(account, entries.slice(0, limit), entries.length > limit))
