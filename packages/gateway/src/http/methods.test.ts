import { expect, it } from 'vitest'
import { stage } from '../testing/stage.js'
import { isForbidden } from './methods.js'

it.each(['TRACE', 'trace', 'Track', 'TRACK', 'CONNECT', 'connect'])(
  'the method %s is forbidden',
  (method) => {
    expect(isForbidden(method)).toBe(true)
  },
)

it.each(['GET', 'POST', 'PATCH', 'OPTIONS', 'SEARCH', 'TRACES', 'DELETE'])(
  'the method %s is allowed',
  (method) => {
    expect(isForbidden(method)).toBe(false)
  },
)

it.each(['TRACE', 'TRACK', 'CONNECT', 'tRaCe'])(
  '%s is answered with 405 on every path, and no upstream call is made',
  async (method) => {
    const { gateway, sim } = await stage({ clientKeys: ['client-key-one'] })
    for (const target of ['/v1/models', '/', '/admin/x', 'upstream.example:443', '*', '/nowhere']) {
      const heads: [number, readonly string[]][] = []
      const sink = {
        attach: () => {},
        head: (status: number, headers: readonly string[]) => void heads.push([status, headers]),
        data: () => true,
        end: () => {},
        fail: () => {},
      }
      gateway.handle({ method, target, headers: ['x-api-key', 'client-key-one'], body: null, sink })
      expect(heads[0]?.[0]).toBe(405)
      expect(heads[0]?.[1]).toContain('allow')
    }
    expect(sim.requests).toHaveLength(0)
  },
)
