// @ts-check
// node bench/programs/verdict-upstream.mjs COUNT SITE REGIME all|quiet
// Starts a simulator with COUNT keys in every state. Prints the addresses of its sites as one line of JSON, and for each
// line on standard input the number of requests and how many of them called a model.
import { createInterface } from 'node:readline'
import { startSimulator } from '@sfpool/simulator'
import { kinds, quietKinds, verdictWorld } from '../fixtures/verdict-world.mjs'

const [count, site, regime, which] = process.argv.slice(2)
const { scenario } = verdictWorld({
  count: Number(count),
  site: site === 'com' ? 'com' : 'cn',
  regime: regime === 'classic' ? 'classic' : 'current',
  of: which === 'quiet' ? quietKinds : kinds,
})
if (which === 'quiet') scenario.settings = { ...scenario.settings, recordedRequests: 1_000 }
const simulator = await startSimulator({ scenario })
const { cn, com } = simulator.sites
console.log(JSON.stringify({ cn: cn.baseURL, com: com.baseURL }))
for await (const _ of createInterface({ input: process.stdin })) {
  const chats = simulator.requests.filter(({ path }) => path.endsWith('/chat/completions')).length
  console.log(JSON.stringify({ requests: simulator.requests.length, chats }))
  simulator.clearRequests()
}
await simulator.close()
