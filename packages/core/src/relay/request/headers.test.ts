import { describe, expect, it } from 'vitest'
import { clientHeaders, upstreamHeaders } from './headers.js'

/** A flat list of headers, each with a value of its own. */
const listOf = (names: readonly string[]): string[] => names.flatMap((name) => [name, `value of ${name}`])
const namesOf = (list: readonly string[]): string[] => list.filter((_, at) => at % 2 === 0)

describe('upstreamHeaders', () => {
  it.each([
    ['keys', ['Authorization', 'X-Api-Key', 'api-key', 'Proxy-Authorization', 'X-Sfpool-Trace']],
    ['cookies', ['Cookie', 'Cookie2']],
    ['the headers of one connection', ['Connection', 'Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer']],
    [
      'the headers that the transport sets itself',
      ['Host', 'Transfer-Encoding', 'Content-Length', 'Upgrade', 'Expect'],
    ],
    ['the headers that only a decoder may send', ['Accept-Encoding', 'HTTP2-Settings']],
    [
      'the headers of proxies',
      ['Forwarded', 'Via', 'X-Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto'],
    ],
    [
      "the client's address",
      ['X-Real-IP', 'X-Client-IP', 'Client-IP', 'True-Client-IP', 'X-Cluster-Client-IP'],
    ],
    [
      'the headers of a content network',
      [
        'CF-Connecting-IP',
        'CF-Connecting-IPv6',
        'CF-Ray',
        'CF-IPCountry',
        'CF-Visitor',
        'CDN-Loop',
        'Fastly-Client-IP',
        'Fly-Client-IP',
      ],
    ],
    [
      "the headers of a browser's page",
      ['Origin', 'Referer', 'Sec-Fetch-Site', 'Sec-Fetch-Mode', 'Sec-CH-UA', 'Sec-GPC'],
    ],
    [
      'the headers of a router',
      ['X-Original-URL', 'X-Original-Host', 'X-Original-Forwarded-For', 'X-Envoy-External-Address'],
    ],
  ])('drops %s', (_what, names) => {
    expect(namesOf(upstreamHeaders(listOf(names)))).toEqual(['accept-encoding'])
  })

  it.each([
    'Accept',
    'Accept-Language',
    'Content-Type',
    'Content-Encoding',
    'User-Agent',
    'X-Trace-Id',
    'Traceparent',
    'Anthropic-Version',
    'OpenAI-Beta',
    'X-Stainless-Lang',
    'Idempotency-Key',
    'Range',
  ])('keeps %s with its value unchanged', (name) => {
    expect(upstreamHeaders([name, 'Some Value, é'])).toEqual([
      'accept-encoding',
      'identity',
      name.toLowerCase(),
      'Some Value, é',
    ])
  })

  it('asks for an uncompressed answer', () => {
    expect(upstreamHeaders(['accept-encoding', 'br'])).toEqual(['accept-encoding', 'identity'])
  })

  it('keeps repeated headers apart and in order', () => {
    expect(upstreamHeaders(['X-A', '1', 'X-B', '2', 'x-a', '3']).slice(2)).toEqual([
      'x-a',
      '1',
      'x-b',
      '2',
      'x-a',
      '3',
    ])
  })

  it.each([
    [['Connection', 'keep-alive, X-Hop', 'X-Hop', '1', 'X-End', '2']],
    [['Connection', 'x-hop', 'X-Hop', '1', 'X-End', '2']],
    [['X-Hop', '1', 'Connection', 'close', 'Connection', ' X-HOP ', 'X-End', '2']],
    [['connection', 'x-other', 'connection', 'x-hop', 'x-hop', '1', 'x-end', '2']],
  ])('drops the headers that Connection names in %j', (received) => {
    expect(upstreamHeaders(received).slice(2)).toEqual(['x-end', '2'])
  })

  it('does not change the list that it gets', () => {
    const received = Object.freeze(['Cookie', 'a=b', 'Accept', '*/*'])
    upstreamHeaders(received)
    expect(received).toEqual(['Cookie', 'a=b', 'Accept', '*/*'])
  })
})

describe('clientHeaders', () => {
  it.each([
    ['cookies', ['set-cookie', 'set-cookie2']],
    [
      'the headers of one connection',
      ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'],
    ],
    [
      'the headers about reaching the upstream',
      ['alt-svc', 'strict-transport-security', 'proxy-authenticate', 'transfer-encoding'],
    ],
    ['the headers that only this pool sends', ['x-sfpool-attempts', 'x-sfpool-trace']],
  ])('drops %s', (_what, names) => {
    expect(clientHeaders(listOf(names))).toEqual([])
  })

  it.each([
    'content-type',
    'content-length',
    'content-encoding',
    'content-disposition',
    'cache-control',
    'date',
    'etag',
    'location',
    'retry-after',
    'vary',
    'x-siliconcloud-trace-id',
    'x-ratelimit-remaining-requests',
    'x-request-id',
  ])('keeps %s', (name) => {
    expect(clientHeaders([name, 'some value'])).toEqual([name, 'some value'])
  })

  it('drops the header that the pool sets itself', () => {
    expect(clientHeaders(['x-request-id', 'theirs', 'x-end', '2'], 'x-request-id')).toEqual(['x-end', '2'])
  })

  it('drops the headers that Connection names', () => {
    expect(clientHeaders(['x-hop', '1', 'connection', 'close, x-hop', 'x-end', '2'])).toEqual(['x-end', '2'])
  })
})
