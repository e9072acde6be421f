// @ts-check
/**
 * Follows one request through server-adapters, gateway and core, call by call: a warm pool of two keys, the simulator
 * as upstream, everything run from the sources. `--stream` follows a stream, `--root DIR` another checkout (with its
 * dependencies installed), `--json` prints every step as data.
 */
import { register } from 'node:module'
import { resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { describeJourney } from './journey/describe-journey.mjs'
import { renderJourney } from './journey/render-journey.mjs'
import { startWarmGateway } from './journey/warm-gateway.mjs'

const followed = 5
const longestMs = 60_000
const probe = '__sfpoolEntered'

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    stream: { type: 'boolean', default: false },
    json: { type: 'boolean' },
  },
})
const root = resolve(values.root)

const limit = setTimeout(() => {
  console.error(`The journey did not end within ${longestMs / 1000} seconds.`)
  process.exit(1)
}, longestMs)

/** @type {import('./journey/describe-journey.mjs').Entry[] | null} */
let entries = null
Object.assign(globalThis, {
  /** @param {string} file @param {string} name */
  [probe]: (file, name) => entries?.push({ file, name }),
  // What a build would put in its place.
  __SFPOOL_VERSION__: '0.0.0',
})
register('./journey/source-hooks.mjs', import.meta.url, {
  data: { root, probe, marked: ['core', 'gateway', 'server-adapters'] },
})

/** @param {string} path */
const load = (path) => import(pathToFileURL(resolve(root, 'packages', path)).href)
const checkout = {
  core: await load('core/src/index.ts'),
  simulator: await load('simulator/src/index.ts'),
  adapter: await load('server-adapters/src/node.ts'),
}

const gateway = await startWarmGateway(checkout, values.stream)
const journey = mostFrequent(await followRequests())
await gateway.close()
clearTimeout(limit)
const title = values.stream ? 'one stream' : 'one JSON request'
console.log(values.json ? JSON.stringify(journey, null, 2) : renderJourney(title, journey))

async function followRequests() {
  const journeys = []
  for (let sent = 0; sent < followed; sent++) {
    entries = []
    await gateway.ask()
    // What the end of the answer still sets off in the gateway belongs to the request.
    await setImmediate()
    journeys.push(describeJourney(entries))
    entries = null
  }
  return journeys
}

/**
 * Answers the journey that most requests made, so that a timer of the pool which fires during one of them does not
 * count as a part of it.
 * @param {ReturnType<typeof describeJourney>[]} journeys
 */
function mostFrequent(journeys) {
  const ways = journeys.map((journey) => JSON.stringify(journey.steps))
  const times = ways.map((way) => ways.filter((other) => other === way).length)
  const most = Math.max(...times)
  const journey = /** @type {ReturnType<typeof describeJourney>} */ (journeys[times.indexOf(most)])
  return { ...journey, alike: `${most} of ${followed}` }
}
