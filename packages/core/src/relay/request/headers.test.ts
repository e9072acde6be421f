import { describe, expect, it } from 'vitest'
import { clientHeaders, upstreamHeaders } from './headers.js'

/** As a flat list, each header with a value of its own. */
const listOf = (names: readonly string[]): string[] => names.flatMap((name) => [name, `value of ${name}`])
const namesOf = (list: readonly string[]): string[] => list.filter((_, at) => at % 2 === 0)

describe('on the way to the upstream', () => {
  it.each([
    ['keys', ['Authorization', 'X-Api-Key', 'api-key', 'Proxy-Authorization', 'X-Sfpool-Trace']],
    ['cookies', ['Cookie', 'Cookie2']],
    ['what belongs to one connection', ['Connection', 'Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer']],
    [
      'what the connection below sets itself',
      ['Host', 'Transfer-Encoding', 'Content-Length', 'Upgrade', 'Expect'],
    ],
    ['what only a decoder may ask for', ['Accept-Encoding', 'HTTP2-Settings']],
    [
      'who forwarded it',
      ['Forwarded', 'Via', 'X-Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto'],
    ],
    [
      'where the client is',
      ['X-Real-IP', 'X-Client-IP', 'Client-IP', 'True-Client-IP', 'X-Cluster-Client-IP'],
    ],
    [
      'what a content network added',
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
      'what a browser says of its page',
      ['Origin', 'Referer', 'Sec-Fetch-Site', 'Sec-Fetch-Mode', 'Sec-CH-UA', 'Sec-GPC'],
    ],
    [
      'what a router rewrote',
      ['X-Original-URL', 'X-Original-Host', 'X-Original-Forwarded-For', 'X-Envoy-External-Address'],
    ],
  ])('%s stay here', (_what, names) => {
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
  ])('%s goes on, its value untouched', (name) => {
    expect(upstreamHeaders([name, 'Some Value, é'])).toEqual([
      'accept-encoding',
      'identity',
      name.toLowerCase(),
      'Some Value, é',
    ])
  })

  it('asks for an answer that is not compressed', () => {
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
  ])('drops what Connection names: %j', (received) => {
    expect(upstreamHeaders(received).slice(2)).toEqual(['x-end', '2'])
  })

  it('leaves the list it was given as it was', () => {
    const received = Object.freeze(['Cookie', 'a=b', 'Accept', '*/*'])
    upstreamHeaders(received)
    expect(received).toEqual(['Cookie', 'a=b', 'Accept', '*/*'])
  })
})

describe('on the way to the client', () => {
  it.each([
    ['cookies', ['set-cookie', 'set-cookie2']],
    [
      'what belongs to one connection',
      ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade'],
    ],
    [
      'how the upstream is reached',
      ['alt-svc', 'strict-transport-security', 'proxy-authenticate', 'transfer-encoding'],
    ],
    ['what only this pool may say', ['x-sfpool-attempts', 'x-sfpool-trace']],
  ])('%s stay here', (_what, names) => {
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
  ])('%s goes on', (name) => {
    expect(clientHeaders([name, 'some value'])).toEqual([name, 'some value'])
  })

  it('leaves out what is ours to set', () => {
    expect(clientHeaders(['x-request-id', 'theirs', 'x-end', '2'], 'x-request-id')).toEqual(['x-end', '2'])
  })

  it('drops what Connection names', () => {
    expect(clientHeaders(['x-hop', '1', 'connection', 'close, x-hop', 'x-end', '2'])).toEqual(['x-end', '2'])
  })
})
