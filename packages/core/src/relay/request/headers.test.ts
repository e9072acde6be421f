import { describe, expect, it } from 'vitest'
import { clientHeaders, upstreamHeaders } from './headers.js'

/** A flat list of headers, each with a value of its own. */
const listOf = (names: readonly string[]): string[] => names.flatMap((name) => [name, `value of ${name}`])
const namesOf = (list: readonly string[]): string[] => list.filter((_, at) => at % 2 === 0)

describe('upstreamHeaders', () => {
  it.each([
    ['keys', ['Authorization', 'X-Api-Key', 'api-key', 'Proxy-Authorization', 'X-Sfpool-Trace']],
    [
      'the credentials of other vendors and of frameworks',
      [
        'X-Goog-Api-Key',
        'Azure-Api-Key',
        'Ocp-Apim-Subscription-Key',
        'X-Auth-Token',
        'ApiKey',
        'X-CSRF-Token',
      ],
    ],
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
    [
      'the headers that make another method of the request',
      ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', 'X-Original-Method', 'X-Method'],
    ],
    [
      'the headers that make another path or host of the request',
      ['X-Request-URI', 'X-HTTP-Path-Override', 'X-Path-Override', 'X-Override-Path', 'X-URI'],
    ],
    [
      'the headers of a platform',
      [
        'X-Azure-ClientIP',
        'X-Appengine-User-IP',
        'X-NF-Client-Connection-IP',
        'X-Vercel-IP-City',
        'X-Remote-User',
      ],
    ],
    [
      'the headers that rewrite the address of the request',
      ['X-Rewrite-URL', 'X-Original-URI', 'X-Override-URL', 'X-Host', 'X-HTTP-Host-Override', 'Proxy'],
    ],
    [
      'names that a server reads with hyphens',
      ['X_HTTP_Method_Override', 'X_Rewrite-Url', 'X_Forwarded_For', 'X_Api_Key', 'Content_Length'],
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
    'X_Custom_Name',
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
    [
      'the headers that a browser would obey for the site of the gateway',
      [
        ...['clear-site-data', 'refresh', 'service-worker-allowed', 'set-login', 'accept-ch', 'critical-ch'],
        ...[
          'public-key-pins',
          'public-key-pins-report-only',
          'expect-ct',
          'use-as-dictionary',
          'origin-trial',
        ],
        ...['speculation-rules', 'observe-browsing-topics', 'activate-storage-access'],
      ],
    ],
    [
      'the headers that make a browser send reports or fetch sources',
      [
        ...['nel', 'report-to', 'reporting-endpoints', 'content-security-policy-report-only'],
        ...['sourcemap', 'x-sourcemap', 'attribution-reporting-register-source'],
      ],
    ],
    [
      'the headers that a server in front of the gateway would obey',
      ['x-accel-redirect', 'x-accel-expires', 'x-accel-buffering', 'x-sendfile', 'x-reproxy-url'],
    ],
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
    'link',
    'content-security-policy',
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
