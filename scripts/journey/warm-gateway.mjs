// @ts-check
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'

const host = '127.0.0.1'
const clientKey = 'fake-client-key-of-the-journey'
const warmUps = 10

/**
 * @typedef {object} Checkout what a checkout exports
 * @property {typeof import('@sfpool/core')} core
 * @property {typeof import('@sfpool/simulator')} simulator
 * @property {typeof import('@sfpool/server-adapters/node')} adapter
 */

/**
 * Starts the simulator and, before it, a gateway with a pool of two keys, and lets some requests pass so that
 * connections, models and counters exist.
 * @param {Checkout} checkout
 * @param {boolean} isStream whether requests ask for a stream
 */
export async function startWarmGateway({ core, simulator, adapter }, isStream) {
  const scenario = simulator.makeScenario({ accounts: 2 })
  const upstream = await simulator.startSimulator({ scenario })
  const pool = new core.KeyPool({
    keys: simulator.keysOf(scenario, 'cn'),
    baseURL: upstream.sites.cn.baseURL,
  })
  await pool.ready
  const server = createServer(adapter.sfpool(pool, { clientKeys: [clientKey] }))
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const agent = new Agent({ keepAlive: true })
  const ask = () => sendChat({ agent, port, isStream })
  for (let sent = 0; sent < warmUps; sent++) await ask()
  const close = async () => {
    agent.destroy()
    server.close()
    await pool.close()
    await upstream.close()
  }
  return { ask, close }
}

/**
 * Sends one request and reads its answer to the end.
 * @param {{ agent: Agent, port: number, isStream: boolean }} way
 */
async function sendChat({ agent, port, isStream }) {
  const body = JSON.stringify({
    model: 'Qwen/Qwen3-8B',
    messages: [{ role: 'user', content: 'Tell me about a quick brown fox and a lazy dog.' }],
    stream: isStream,
  })
  const headers = {
    authorization: `Bearer ${clientKey}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  const sent = request({ agent, host, port, method: 'POST', path: '/v1/chat/completions', headers })
  sent.end(body)
  const [answer] = await once(sent, 'response')
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  if (answer.statusCode !== 200) throw new Error(`the gateway answered ${answer.statusCode}: ${text}`)
}
