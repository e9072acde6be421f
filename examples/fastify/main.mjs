// The pool as a fastify plugin under a prefix, and a stream read through it.
import assert from 'node:assert/strict'
import { KeyPool } from '@sfpool/core'
import { sfpool } from '@sfpool/server-adapters/fastify'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { fastify } from 'fastify'
import OpenAI from 'openai'

const scenario = makeScenario({ accounts: 3 })
const simulator = await startSimulator({ scenario })
const pool = new KeyPool({ keys: keysOf(scenario), baseURL: simulator.sites.cn.baseURL })

const app = fastify()
await app.register(sfpool, { pool, prefix: '/llm', clientKeys: ['a-key-for-my-users'] })
const origin = await app.listen({ port: 0, host: '127.0.0.1' })

const openai = new OpenAI({ apiKey: 'a-key-for-my-users', baseURL: `${origin}/llm/v1` })
const stream = await openai.chat.completions.create({
  model: 'Qwen/Qwen3-8B',
  messages: [{ role: 'user', content: 'Say hello.' }],
  stream: true,
})
let text = ''
for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
console.log(text)
assert.notEqual(text, '')

await app.close()
await pool.close()
await simulator.close()
