import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { type Entry, idOf } from './list-page.js'
import type { ListQuery } from './list-query.js'
import { type AccountList, mergeLists } from './merge-lists.js'

const everything: ListQuery = { limit: null, after: null, isAscending: false }
const entry = (id: string, created_at: number): Entry => ({ id, created_at })
const list = (account: string, entries: readonly Entry[], hasMore = false): AccountList => ({
  account,
  entries,
  hasMore,
})
const ids = (entries: readonly Entry[]): (string | null)[] => entries.map(idOf)

describe('a merged list', () => {
  it('a merged list is newest first, under either name of the time, or oldest first when asked for', () => {
    const lists = [list('a', [{ id: 'a2', createdAt: 5 }, entry('a1', 1)]), list('b', [entry('b1', 3)])]
    expect(ids(mergeLists(lists, everything).entries)).toEqual(['a2', 'b1', 'a1'])
    expect(ids(mergeLists(lists, { ...everything, isAscending: true }).entries)).toEqual(['a1', 'b1', 'a2'])
  })

  it('a merged list keeps the order of the accounts among entries without a time', () => {
    const lists = [list('a', [{ uri: 'z' }, { uri: 'y' }]), list('b', [{ uri: 'x', created_at: 'soon' }])]
    expect(ids(mergeLists(lists, everything).entries)).toEqual(['z', 'y', 'x'])
  })

  it('a merged list holds once what two accounts list that are the same at the upstream', () => {
    const lists = [list('a', [entry('same', 1)]), list('b', [entry('same', 1), entry('b1', 0)])]
    expect(ids(mergeLists(lists, everything).entries)).toEqual(['same', 'b1'])
  })

  it('a merged list ends where an account may have further entries that come before those of others', () => {
    const lists = [
      list('a', [entry('a9', 9), entry('a7', 7)], true),
      list('b', [entry('b8', 8), entry('b1', 1)]),
    ]
    expect(mergeLists(lists, everything)).toMatchObject({
      hasMore: true,
      entries: [{ id: 'a9' }, { id: 'b8' }, { id: 'a7' }],
    })
  })

  it('a merged list has no entries after one that is gone', () => {
    const lists = [list('a', [entry('a1', 1)], true)]
    expect(mergeLists(lists, { ...everything, after: 'gone' })).toEqual({ entries: [], hasMore: false })
  })

  it('a merged list read in pages is the whole list, whatever the pages and the times', () => {
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
