import { describe, expect, it } from 'vitest'
import { type ListQuery, listQuery, pagePath } from './list-query.js'

const everything: ListQuery = { limit: null, after: null, isAscending: false }

describe('a list query', () => {
  it.each<[string, Partial<ListQuery>]>([
    ['/batches', {}],
    ['/batches?limit=20&after=batch_1', { limit: 20, after: 'batch_1' }],
    ['/files?order=asc&purpose=batch', { isAscending: true }],
    ['/batches?limit=many&after=', {}],
    ['/batches?after=a%2Fb', { after: 'a/b' }],
  ])('the list query of %s is read', (path, expected) => {
    expect(listQuery(path)).toEqual({ ...everything, ...expected })
  })

  it('the path for an account asks for a full page, and keeps the other fields of the query', () => {
    expect(pagePath('/files?purpose=batch&limit=2&after=x', null)).toBe('/files?purpose=batch&limit=100')
    expect(pagePath('/batches?after=x', 'batch 2')).toBe('/batches?limit=100&after=batch+2')
  })
})
