// The pool as a hono sub-app on Node, serving embeddings.
import assert from 'node:assert/strict'
import { serve } from '@hono/node-server'
import { KeyPool } from '@sfpool/core'
import { sfpool } from '@sfpool/server-adapters/hono'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { Hono } from 'hono'
import OpenAI from 'openai'

const scenario = makeScenario({ accounts: 3 })
const simulator = await startSimulator({ scenario })
const pool = new KeyPool({ keys: keysOf(scenario), baseURL: simulator.sites.cn.baseURL })

const app = new Hono()
app.get('/hello', (context) => context.text('hello'))
app.route('/llm', sfpool(pool, { clientKeys: ['a-key-for-my-users'] }))

const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
await new Promise((resolve) => server.once('listening', resolve))

const baseURL = `http://127.0.0.1:${server.address().port}/llm/v1`
const openai = new OpenAI({ apiKey: 'a-key-for-my-users', baseURL })
const { data } = await openai.embeddings.create({ model: 'BAAI/bge-m3', input: ['hello', '你好'] })
console.log(`${data.length} vectors of ${data[0].embedding.length} numbers`)
assert.equal(data.length, 2)

server.closeAllConnections()
server.close()
await pool.close()
await simulator.close()
