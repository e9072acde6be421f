import { expect, it, onTestFinished } from 'vitest'
import { KeyPool } from '../../pool.js'
import type { Transport } from '../../transport/transport.js'

it.each(['EMFILE', 'ENFILE', 'ENOBUFS'])(
  'a call that cannot be made for want of descriptors (%s) is 503 with Retry-After, and blames no key',
  async (code) => {
    let calls = 0
    const transport: Transport = {
      dispatch: (_request, handler) => {
        calls++
        handler.onError(Object.assign(new Error(`connect ${code} 127.0.0.1:443`), { code }))
        return { pause() {}, resume() {}, abort() {} }
      },
      close: async () => {},
    }
    const pool = new KeyPool({ keys: ['sk-one', 'sk-two', 'sk-three'], transport })
    onTestFinished(() => pool.close())
    await pool.ready
    const body = '{"model":"Qwen/Qwen3-8B","messages":[]}'
    const answer = await pool.fetch(`${pool.baseURL}/chat/completions`, { method: 'POST', body })
    expect([answer.status, answer.headers.get('retry-after'), calls]).toEqual([503, '1', 1])
    expect(await answer.json()).toMatchObject({ error: { code: 'overloaded' } })
    for (const key of pool.keys.list()) expect([key.status, key.cooldowns]).toEqual(['ready', []])
  },
)
