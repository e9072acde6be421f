// A script with several keys: the OpenAI SDK calls SiliconFlow through the pool, with failover and no server between.
import assert from 'node:assert/strict'
import { KeyPool } from '@sfpool/core'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import OpenAI from 'openai'

const scenario = makeScenario({ accounts: 3 })
const keys = keysOf(scenario)
const simulator = await startSimulator({ scenario })

// With keys of your own: new KeyPool({ keys: [process.env.SILICONFLOW_API_KEY_1, …] })
const pool = new KeyPool({ keys, baseURL: simulator.sites.cn.baseURL })
const openai = new OpenAI({ apiKey: 'pool', baseURL: pool.baseURL, fetch: pool.fetch })

// The first key's account is empty. No caller notices: another key answers.
simulator.faults.add({ when: { key: keys[0] }, fault: { kind: 'error', name: 'insufficient-balance' } })

const messages = [{ role: 'user', content: 'Say hello.' }]
const stream = await openai.chat.completions.create({ model: 'Qwen/Qwen3-8B', messages, stream: true })
let text = ''
for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
console.log(text)
assert.notEqual(text, '')
assert.equal(pool.keys.list({ status: 'exhausted' }).length, 1)

// For a client of your own: lease a key, use it, and tell the pool how it went (in TypeScript: using lease = …).
const lease = await pool.acquire({ model: 'Qwen/Qwen3-8B' })
const reply = await fetch(`${lease.baseURL}/models`, { headers: { authorization: `Bearer ${lease.secret}` } })
lease.settle({ status: reply.status, headers: reply.headers, body: await reply.text() })
assert.equal(reply.status, 200)

console.log(pool.stats().keys)
await pool.close()
await simulator.close()
