import { expect, it } from 'vitest'
import { headerOf, readHead } from './request-head.js'

it('readHead finds the headers that the gateway reads, whatever the case of their names', () => {
  const head = readHead([
    ...['Host', 'a', 'AUTHORIZATION', 'Bearer x', 'X-Api-Key', 'y', 'x-request-id', 'r'],
    ...['Content-Length', '12', 'Origin', 'https://app.example', 'accept', '*/*'],
  ])
  expect(head).toEqual({
    authorization: 'Bearer x',
    apiKey: 'y',
    requestId: 'r',
    contentLength: 12,
    origin: 'https://app.example',
    host: 'a',
  })
})

it('readHead takes the first of a repeated header and skips other names of the same length', () => {
  expect(
    readHead(['authorizatiox', 'no', 'authorization', 'one', 'Authorization', 'two']).authorization,
  ).toBe('one')
})

it('readHead and headerOf take ten thousand headers, and a list that ends in a name', () => {
  const headers = Array.from({ length: 10_000 }, (_, index) => [`x-${index}`, 'v']).flat()
  expect(readHead([...headers, 'x-api-key', 'z', 'origin']).apiKey).toBe('z')
  expect(headerOf([...headers, 'Expect', '100-continue'], 'expect')).toBe('100-continue')
})
