// @ts-check
// npm run bench [-- NAME… --rounds N --seconds S --streams N,N --soak-seconds S --rivals NAME,NAME]
import { mkdirSync, writeFileSync } from 'node:fs'
import { checkBench } from './benches/check.mjs'
import { dayBench } from './benches/day.mjs'
import { floorBench } from './benches/floor.mjs'
import { historyBench } from './benches/history.mjs'
import { hostileBench } from './benches/hostile.mjs'
import { latencyBench } from './benches/latency.mjs'
import { moneyBench } from './benches/money.mjs'
import { pickBench } from './benches/pick.mjs'
import { proxyBench } from './benches/proxy.mjs'
import { soakBench } from './benches/soak.mjs'
import { startBench } from './benches/start.mjs'
import { streamBench } from './benches/stream.mjs'
import { describeMachine } from './measure/machine.mjs'
import { renderTable } from './measure/table.mjs'
import { SkippedError } from './measure/tools.mjs'
import { readSettings, UsageError } from './settings.mjs'

const benches = [
  floorBench,
  proxyBench,
  latencyBench,
  streamBench,
  startBench,
  pickBench,
  dayBench,
  moneyBench,
  historyBench,
  soakBench,
  hostileBench,
  checkBench,
]
const results = new URL('./results/', import.meta.url)

/**
 * @param {import('./benches/request-bench.mjs').Bench} bench
 * @param {import('./settings.mjs').Settings} settings
 */
async function runBench({ name, method, run }, settings) {
  const machine = describeMachine()
  console.log(`\n== ${name} ==\n${method(settings)}`)
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.loadAverage}\n`)
  const { head, rows, notes, figures } = await run(settings)
  console.log(renderTable(head, rows))
  for (const note of notes) console.log(`- ${note}`)
  mkdirSync(results, { recursive: true })
  const text = JSON.stringify({ name, method: method(settings), machine, settings, notes, figures }, null, 2)
  writeFileSync(new URL(`${name}.json`, results), `${text}\n`)
}

// An orderly exit also ends the children; the default action of a signal would leave them running.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

try {
  const settings = readSettings(
    process.argv.slice(2),
    benches.map(({ name }) => name),
  )
  for (const bench of benches.filter(({ name }) => settings.benches.includes(name))) {
    try {
      await runBench(bench, settings)
    } catch (error) {
      if (!(error instanceof SkippedError)) throw error
      console.log(`- ${bench.name} is left out: ${error.message}`)
    }
  }
} catch (error) {
  const isUsage = error instanceof UsageError
  console.error(isUsage ? error.message : error)
  process.exitCode = isUsage ? 2 : 1
}
