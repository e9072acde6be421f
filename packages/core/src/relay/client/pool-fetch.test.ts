import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../errors.js'
import { openai } from '../../provider/openai.js'
import type { Call } from '../request/call.js'
import { poolFetch } from './pool-fetch.js'
import type { Flow, Sink } from './sink.js'

const baseURL = 'http://127.0.0.1:1/v1'

interface Fetched {
  readonly fetch: typeof fetch
  /** The calls that reached the engine. */
  readonly calls: Call[]
  /** How often the engine was aborted. */
  aborts: number
}

/** A fetch whose engine gives the same short answer to every request, or none. */
function fetching(answer = 'ok', base = baseURL): Fetched {
  const fetched: Fetched = {
    calls: [],
    aborts: 0,
    fetch: poolFetch({
      provider: openai(),
      baseURL: base,
      relay: (call: Call, sink: Sink) => {
        fetched.calls.push(call)
        const flow: Flow = {
          resume: () => {},
          abort: () => {
            fetched.aborts++
          },
        }
        sink.attach(flow)
        if (answer !== '') {
          sink.head(200, ['x-a', '1'])
          sink.end(Buffer.from(answer))
        }
        return new Promise(() => {})
      },
    }),
  }
  return fetched
}

const bodyOf = (call: Call | undefined): string => {
  const { body = null } = call ?? {}
  return body !== null && 'bytes' in body ? Buffer.from(body.bytes).toString() : ''
}

describe('poolFetch, for URLs,', () => {
  it.each<[string, string]>([
    [`${baseURL}/models`, '/models'],
    [`${baseURL}/models?type=text&x=%20a`, '/models?type=text&x=%20a'],
    [`${baseURL}/models#part`, '/models'],
    [`${baseURL}?x=1`, '?x=1'],
    [baseURL, ''],
    [`${baseURL}/a/./b/../c`, '/a/c'],
    [`${baseURL}/模型?名=世 界`, '/%E6%A8%A1%E5%9E%8B?%E5%90%8D=%E4%B8%96%20%E7%95%8C'],
    [`${baseURL}//double`, '//double'],
    ['HTTP://127.0.0.1:1/v1/models', '/models'],
  ])('sends %s to the path %j', async (url, path) => {
    const { fetch, calls } = fetching()
    await fetch(url)
    await fetch(new URL(url))
    await fetch(new Request(url))
    expect(calls.map((call) => call.path)).toEqual([path, path, path])
  })

  it.each([
    'http://127.0.0.1:2/v1/models',
    'http://127.0.0.1:1/v1models',
    'http://127.0.0.1:1/v2/models',
    `${baseURL}/../admin`,
    'https://example.com/v1/models',
  ])('refuses %s, which lies elsewhere, and sends no key there', async (url) => {
    const { fetch, calls } = fetching()
    await expect(fetch(url)).rejects.toThrow(ConfigError)
    await expect(fetch(url)).rejects.toThrow(
      /^fetch url must begin with the pool's base URL http:\/\/127\.0\.0\.1:1\/v1; received/,
    )
    expect(calls).toEqual([])
  })

  it('keeps a secret in a URL out of the error', async () => {
    const { fetch } = fetching()
    await expect(fetch('https://example.com/?key=sk-fakefakefakefake')).rejects.not.toThrow(/sk-fake/)
  })

  it('refuses a relative URL as any fetch does', async () => {
    await expect(fetching().fetch('/v1/models')).rejects.toThrow(TypeError)
  })
})

describe('a request of poolFetch', () => {
  it('keeps method, headers and body, and its options override those of a Request', async () => {
    const { fetch, calls } = fetching()
    const request = new Request(`${baseURL}/x`, { method: 'POST', headers: { 'x-a': '1' }, body: 'old' })
    await fetch(request, { method: 'PUT', headers: { 'x-b': '2' }, body: 'new' })
    expect(calls[0]).toMatchObject({ method: 'PUT', path: '/x' })
    expect(calls[0]?.headers).toEqual([
      'accept-encoding',
      'identity',
      'content-type',
      'text/plain;charset=UTF-8',
      'x-b',
      '2',
    ])
    expect(bodyOf(calls[0])).toBe('new')
  })

  it.each<[string, () => BodyInit]>([
    ['text', () => 'hello'],
    ['bytes', () => new TextEncoder().encode('hello')],
    ['a blob', () => new Blob(['hello'])],
    ['parameters', () => new URLSearchParams('hello')],
    ['a stream', () => new Blob(['hello']).stream()],
  ])('has bytes that can be sent again for a body of %s', async (_what, make) => {
    const { fetch, calls } = fetching()
    await fetch(`${baseURL}/x`, { method: 'POST', body: make(), duplex: 'half' } as RequestInit)
    expect(bodyOf(calls[0])).toMatch(/^hello=?$/)
  })

  it('names the boundary of a form', async () => {
    const { fetch, calls } = fetching()
    const form = new FormData()
    form.set('model', 'm')
    await fetch(`${baseURL}/audio/transcriptions`, { method: 'POST', body: form })
    expect(calls[0]?.headers.join(' ')).toMatch(/multipart\/form-data; boundary=/)
    expect(calls[0]?.model).toBe('m')
  })

  it('has no body when none is given', async () => {
    const { fetch, calls } = fetching()
    await fetch(`${baseURL}/models`)
    expect(calls[0]?.body).toBeNull()
  })
})

it('poolFetch works as a bare function, as SDKs call it', async () => {
  const { fetch } = fetching()
  const bare = fetch
  expect(await (await bare(`${baseURL}/models`)).text()).toBe('ok')
})

describe('a signal of poolFetch', () => {
  it('rejects without calling the engine when it fired before', async () => {
    const { fetch, calls } = fetching('')
    await expect(fetch(`${baseURL}/x`, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(calls).toEqual([])
  })

  it.each(['its options', 'the request'] as const)('aborts the engine from %s', async (place) => {
    const fetched = fetching('')
    const leaving = new AbortController()
    const { signal } = leaving
    const url = `${baseURL}/x`
    const running =
      place === 'the request' ? fetched.fetch(new Request(url, { signal })) : fetched.fetch(url, { signal })
    await expect.poll(() => fetched.calls.length).toBe(1)
    leaving.abort()
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    expect(fetched.aborts).toBe(1)
  })

  it.each(['its options', 'the request'] as const)(
    'aborts the engine from %s even after a garbage collection',
    async (place) => {
      setFlagsFromString('--expose-gc')
      const collect = runInNewContext('gc') as () => void
      const fetched = fetching('')
      const leaving = new AbortController()
      const start = (): Promise<Response> => {
        const { signal } = leaving
        const url = `${baseURL}/x`
        return place === 'the request'
          ? fetched.fetch(new Request(url, { signal }))
          : fetched.fetch(url, { signal })
      }
      const running = start()
      running.catch(() => {})
      for (let round = 0; round < 5; round++) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        collect()
      }
      leaving.abort()
      await expect(running).rejects.toMatchObject({ name: 'AbortError' })
      expect(fetched.aborts).toBe(1)
    },
  )
})
