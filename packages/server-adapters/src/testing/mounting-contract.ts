import { KeyPool } from '@sfpool/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StartApp } from './app.js'
import { chat, onlyRequest, stage } from './stage.js'

/** Tests that a mount leaves the rest of its app alone. */
export function mountingContract(start: StartApp): void {
  describe('a pool that is mounted under a path', () => {
    mountsBelowPath(start)
  })

  it('a mount keeps headers that the app set before it, and does not double those of the answer', async () => {
    const at = await stage(start, { plan: { header: ['x-app', 'ours'] } })
    const answer = await fetch(`${at.url}/v1/models`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-app')).toBe('ours')
    expect(answer.headers.get('content-type')).toMatch(/^application\/json[^,]*$/)
    expect(await answer.json()).toMatchObject({ object: 'list' })
  })

  describe('a mount after body parsers of the app', () => {
    mountsAfterParsers(start)
  })
}

/** Tests a mount beside other routes and mounts. */
function mountsBelowPath(start: StartApp): void {
  it('a mount serves the proxy route and the own routes below its path, with and without a slash at the end', async () => {
    const at = await stage(start, { path: '/llm' })
    const answer = await fetch(`${at.url}/v1/chat/completions?x=1`, chat())
    expect(answer.status).toBe(200)
    expect(onlyRequest(at)).toMatchObject({ path: '/v1/chat/completions', query: 'x=1' })
    for (const path of ['', '/', '?x=1', '/info', '/healthz', '/healthz/']) {
      expect((await fetch(`${at.url}${path}`)).status, path).toBe(200)
    }
    expect(await (await fetch(`${at.url}/stats`)).json()).toMatchObject({ totalKeys: 2, requests: 1 })
  })

  it('a mount leaves the other routes of the app untouched', async () => {
    const at = await stage(start, { path: '/llm' })
    const origin = `http://127.0.0.1:${at.app.port}`
    expect(await (await fetch(`${origin}/hello`)).text()).toBe('hello')
    const echo = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"ö"}' }
    expect(await (await fetch(`${origin}/echo`, echo)).text()).toBe('ö')
    expect((await fetch(`${origin}/llmx/v1/models`)).status).toBe(404)
    expect((await fetch(`${origin}/v1/models`)).status).toBe(404)
    expect(at.sim.requests).toHaveLength(0)
  })

  it('each of two mounts has its own pool and options', async () => {
    const other = new KeyPool()
    onTestFinished(() => other.close())
    const at = await stage((plan) =>
      start({
        mounts: [
          ...plan.mounts.map((mount) => ({ ...mount, path: '/one' })),
          { path: '/two', pool: other, options: { clientKeys: ['client-key-two'] } },
        ],
      }),
    )
    expect((await fetch(`${at.url}/one/v1/models`)).status).toBe(200)
    expect((await fetch(`${at.url}/two/v1/models`)).status).toBe(401)
    const headers = { authorization: 'Bearer client-key-two' }
    expect((await fetch(`${at.url}/two/v1/models`, { headers })).status).toBe(503)
  })
}

/** Tests a mount whose app has read the bodies. */
function mountsAfterParsers(start: StartApp): void {
  it.each([
    ['application/json', '{"model":"Qwen/Qwen3-8B","messages":[{"role":"user","content":"héllo"}]}'],
    ['application/x-www-form-urlencoded', 'a=1&b=two+words&c=%C3%A9'],
    ['text/plain', 'plain ö'],
    ['application/octet-stream', 'bytes'],
  ])('a mount after body parsers of the app sends on a body of type %s', async (type, body) => {
    const at = await stage(start, { plan: { parsesBodies: true } })
    const answer = await fetch(`${at.url}/v1/anything`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    })
    expect(answer.status).toBe(404)
    expect(String(onlyRequest(at).body)).toBe(body)
    expect(onlyRequest(at).headers['content-type']).toBe(type)
    expect(onlyRequest(at).headers['content-length']).toBe(String(Buffer.byteLength(body)))
  })

  it('a mount after body parsers of the app serves requests that have no body', async () => {
    const at = await stage(start, { plan: { parsesBodies: true } })
    expect((await fetch(`${at.url}/v1/models`)).status).toBe(200)
    expect((await fetch(`${at.url}/v1/models`, { method: 'DELETE' })).status).toBe(404)
    expect(at.sim.requests.map(({ bodySize }) => bodySize)).toEqual([0, 0])
  })
}
