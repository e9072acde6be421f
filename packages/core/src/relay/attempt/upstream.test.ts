import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { generic } from '../../provider/generic.js'
import type { Provider } from '../../provider/provider.js'
import { systemRuntime } from '../../runtime/runtime.js'
import type { Transport, TransportRequest } from '../../transport/transport.js'
import type { Body } from '../request/body.js'
import { createCall } from '../request/call.js'
import { ModelTimeouts } from './timeouts.js'
import { Upstream } from './upstream.js'

const provider: Provider = {
  ...generic('https://a.example/v1'),
  site: 'home',
  sites: { home: 'https://a.example/v1', away: 'http://b.example:8080/api/v3/', bare: 'https://c.example' },
}

const transport: Transport = {
  dispatch: () => {
    throw new Error('nothing is sent here')
  },
  close: async () => {},
}

const timeouts = new ModelTimeouts()
const upstream = new Upstream({ provider, transport, timeouts, runtime: systemRuntime })

function requestFor(site: string, path = '/models?x=1', body: Body | null = null): TransportRequest {
  const call = createCall({ method: 'POST', path, headers: ['x-a', '1'], body }, provider)
  return upstream.request(call, site, 'sk-fakefakefake')
}

describe('the address of a call', () => {
  it.each([
    ['home', 'https://a.example', '/v1/models?x=1'],
    ['away', 'http://b.example:8080', '/api/v3/models?x=1'],
    ['bare', 'https://c.example', '/models?x=1'],
    ['unheard-of', 'https://a.example', '/v1/models?x=1'],
    ['constructor', 'https://a.example', '/v1/models?x=1'],
  ])('for the site %s is %s%s', (site, origin, path) => {
    expect(requestFor(site)).toMatchObject({ origin, path })
    expect(requestFor(site)).toMatchObject({ origin, path })
  })
})

it('a request carries the key behind the headers of its call, which stay unchanged for the next attempt', () => {
  const call = createCall({ method: 'GET', path: '/models', headers: ['x-a', '1'], body: null }, provider)
  expect(upstream.request(call, 'home', 'sk-fakefakefake').headers).toEqual([
    'accept-encoding',
    'identity',
    'x-a',
    '1',
    'authorization',
    'Bearer sk-fakefakefake',
  ])
  expect(call.headers).toEqual(['accept-encoding', 'identity', 'x-a', '1'])
})

describe('the body of a request', () => {
  const head = Buffer.from('head ')
  const collect = async ({ body }: TransportRequest): Promise<string> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  it('is the bytes of a call that has them', () => {
    expect(requestFor('home', '/x', { bytes: head }).body).toBe(head)
    expect(requestFor('home', '/x').body).toBeNull()
  })

  it('is, for a stream, the head that was read already and then the stream', async () => {
    const stream = Readable.from([Buffer.from('and '), Buffer.from('tail')])
    expect(await collect(requestFor('home', '/x', { stream, head }))).toBe('head and tail')
  })

  it('fails as the client’s own abort when the stream breaks off', async () => {
    const stream = new Readable({ read: () => stream.destroy(new Error('gone')) })
    await expect(collect(requestFor('home', '/x', { stream, head }))).rejects.toMatchObject({
      code: 'request_aborted',
      cause: expect.objectContaining({ message: 'gone' }),
    })
  })

  it('is not destroyed when it is not read to its end', async () => {
    const stream = Readable.from([Buffer.from('a'), Buffer.from('b')])
    const { body } = requestFor('home', '/x', { stream, head })
    let count = 0
    for await (const _ of body as AsyncIterable<Uint8Array>) if (++count === 2) break
    expect(stream.destroyed).toBe(false)
  })
})
