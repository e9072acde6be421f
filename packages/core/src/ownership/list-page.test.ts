import { describe, expect, it } from 'vitest'
import { type Entry, idOf, readPage } from './list-page.js'

const entry = (id: string, created_at: number): Entry => ({ id, created_at })
const ids = (entries: readonly Entry[]): (string | null)[] => entries.map(idOf)

describe('a list page', () => {
  it.each([
    [{ code: 20_000, status: true, data: { data: [{ id: 'a' }], object: 'file' } }, ['a']],
    [{ object: 'list', data: [{ id: 'a' }, { id: 'b' }], has_more: true }, ['a', 'b']],
    [{ results: [{ uri: 'speech:a' }] }, ['speech:a']],
    [{ result: [{ uri: 'speech:a' }, null, 'x'] }, ['speech:a']],
    [{ data: [] }, []],
  ])('a list page is read from %j', (answer, expected) => {
    expect(ids(readPage(answer)?.entries ?? [])).toEqual(expected)
  })

  it.each([null, 'Ok', [], {}, { data: null }, { data: {} }, { data: 'x' }])(
    'no list page is read from %j',
    (answer) => {
      expect(readPage(answer)).toBeNull()
    },
  )

  it('a list page is written in the same shape with other entries', () => {
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
