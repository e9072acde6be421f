// An express app of one's own that lends its users the pool under /llm.
import assert from 'node:assert/strict'
import { KeyPool } from '@sfpool/core'
import { sfpool } from '@sfpool/server-adapters/express'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import express from 'express'
import OpenAI from 'openai'

const scenario = makeScenario({ accounts: 3 })
const simulator = await startSimulator({ scenario })
const pool = new KeyPool({ keys: keysOf(scenario), baseURL: simulator.sites.cn.baseURL })

const app = express()
app.use(express.json()) // a body that was parsed already is passed on all the same
app.get('/hello', (_request, response) => response.send('hello'))
app.use('/llm', sfpool(pool, { clientKeys: ['a-key-for-my-users'] }))

const server = app.listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const origin = `http://127.0.0.1:${server.address().port}`

const openai = new OpenAI({ apiKey: 'a-key-for-my-users', baseURL: `${origin}/llm/v1` })
const reply = await openai.chat.completions.create({
  model: 'Qwen/Qwen3-8B',
  messages: [{ role: 'user', content: 'Say hello.' }],
})
console.log(reply.choices[0].message.content)
assert.ok(reply.choices[0].message.content)

const stranger = new OpenAI({ apiKey: 'a-wrong-key', baseURL: `${origin}/llm/v1`, maxRetries: 0 })
await assert.rejects(stranger.models.list(), { status: 401, code: 'invalid_client_key' })
assert.equal(await (await fetch(`${origin}/hello`)).text(), 'hello')

server.closeAllConnections()
server.close()
await pool.close()
await simulator.close()
