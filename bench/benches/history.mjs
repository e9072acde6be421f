// @ts-check
import { join } from 'node:path'
import { KeyPool, memoryStore } from '@sfpool/core'
import { historyYear } from '../day/history-year.mjs'
import { LeapingClock } from '../day/leaping-clock.mjs'
import { disturbance } from '../measure/process-usage.mjs'
import { interleave } from '../measure/rounds.mjs'
import { scratchDirectory } from '../measure/scratch.mjs'
import { median, pairedRatio, summarise } from '../measure/statistics.mjs'
import { requestWindow } from '../measure/windows.mjs'
import { startUpstream } from '../rivals/rival.mjs'
import { sfpool } from '../rivals/sfpool.mjs'

const year = { days: 365, everyMinutes: 15, burst: 60, keys: 40, models: 25, clients: 12, seed: 20_261_201 }
const mostQueryMs = 50
/** What a window of 30 days is answered with unless hours are asked for. */
const usual = /^30d by \w+ in steps of 86400|^figures of 30d/
const mostBlockMs = 10
const names = 10_000
const flushRounds = 13
const model = 'Qwen/Qwen2.5-72B-Instruct'
const batch = 2_000
const usage = {
  promptTokens: 300,
  completionTokens: 120,
  totalTokens: 420,
  cachedTokens: 0,
  reasoningTokens: 0,
}

/** @type {import('./request-bench.mjs').Bench} */
export const historyBench = {
  name: 'history',
  method: ({ rounds, seconds }) =>
    `A year on a virtual clock: ${year.burst} requests every ${year.everyMinutes} minutes through a pool with a SQLite store, over ${year.keys} keys, ${year.models} models and
${year.clients} clients; then queries, each the fastest of five. The cost of a request: processor time of acquire and settle with and
without history, interleaved, medians of ${rounds} rounds. A flush: ${names} keys, accounts, models and clients used in one
second, the longest turn of the event loop, median of ${flushRounds - 3}. The gateway with and without history: ${rounds} interleaved windows of ${seconds} s each, on the load of the proxy
bench.`,
  run: measure,
}

/** @param {import('../settings.mjs').Settings} settings */
async function measure(settings) {
  const found = await measureYear()
  const perRequest = await measureRequest(settings.rounds)
  const blocks = { with: await measureFlush(undefined), without: await measureFlush(false) }
  const proxy = await measureProxy(settings)
  const slowest = Math.max(
    ...Object.entries(found.queries).flatMap(([name, ms]) => (usual.test(name) ? [ms] : [])),
  )
  const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`
  return {
    head: ['query', 'ms'],
    rows: Object.entries(found.queries).map(([name, ms]) => [name, ms.toFixed(1)]),
    notes: [
      `${found.requests} requests in a year, simulated in ${found.seconds.toFixed(0)} s; the whole store takes ${megabytes(found.fileBytes)}`,
      ...found.spans.map(({ span, rows, bytes }) => `${span}: ${rows} rows, ${megabytes(bytes)}`),
      promise(
        'a query of 30 days',
        slowest <= mostQueryMs,
        `${slowest.toFixed(1)} ms, at most ${mostQueryMs}`,
      ),
      `acquire and settle: ${perRequest.with.toFixed(0)} ns with history, ${perRequest.without.toFixed(0)} without: ${(perRequest.with - perRequest.without).toFixed(0)} ns for an attempt and its request`,
      promise(
        `a flush of ${names} names`,
        blocks.with.later <= mostBlockMs,
        `blocks the loop ${blocks.with.later.toFixed(1)} ms, at most ${mostBlockMs}; without history ${blocks.without.later.toFixed(1)}`,
      ),
      `the turn before it, for the states of the keys: ${blocks.with.first.toFixed(1)} ms with history, ${blocks.without.first.toFixed(1)} without`,
      ...proxy.notes,
    ],
    figures: { ...found, perRequest, blocks, proxy: proxy.figures },
  }
}

/** @param {string} what @param {boolean} isKept @param {string} figure */
const promise = (what, isKept, figure) => `${isKept ? 'kept' : 'BROKEN'}: ${what} (${figure})`

async function measureYear() {
  const directory = scratchDirectory('history')
  const startedAt = performance.now()
  try {
    const found = await historyYear({ ...year, path: join(directory.path, 'keys.db') })
    return { ...found, seconds: (performance.now() - startedAt) / 1000 }
  } finally {
    directory.remove()
  }
}

/** @param {number} rounds */
async function measureRequest(rounds) {
  const pools = [undefined, /** @type {const} */ (false)].map((history) => ({
    history,
    pool: new KeyPool({
      keys: Array.from({ length: 50 }, (_, at) => `sk-fakecost${String(at).padStart(38, '0')}`),
      ...(history === undefined ? {} : { history }),
    }),
  }))
  for (const { pool } of pools) await pool.ready
  for (const { pool } of pools) for (let n = 0; n < 20; n++) await nsPerRequest(pool)
  const samples = await interleave({
    rivals: pools,
    rounds: rounds * 5,
    measure: async ({ pool }) => {
      let ns = 0
      for (let n = 0; n < 10; n++) ns += (await nsPerRequest(pool)) / 10
      return ns
    },
  })
  for (const { pool } of pools) await pool.close()
  const [with_, without] = pools.map((each) => median(samples.get(each) ?? []))
  return { with: with_ ?? Number.NaN, without: without ?? Number.NaN }
}

/** @param {KeyPool} pool */
async function nsPerRequest(pool) {
  const before = process.cpuUsage()
  for (let count = 0; count < batch; count++) {
    const lease = await pool.acquire({ model, client: 'c', tokens: 400 })
    lease.settle('success', usage, 250)
  }
  const after = process.cpuUsage(before)
  return ((after.user + after.system) * 1000) / batch
}

/**
 * Uses many names within a second, lets the second pass, and watches the event loop while everything is written. The
 * store takes history in earnest, and states and usage for nothing: they have a bench of their own.
 * @param {false | undefined} history
 */
async function measureFlush(history) {
  const clock = new LeapingClock({ startAt: Date.UTC(2026, 0, 1), seed: 1 })
  const keys = Array.from({ length: names }, (_, at) => `sk-fakeflush${String(at).padStart(37, '0')}`)
  const store = { ...memoryStore(), saveStates: async () => {}, addUsage: async () => [] }
  const pool = new KeyPool({
    keys,
    store,
    runtime: clock.runtime,
    ...(history === undefined ? {} : { history }),
  })
  await pool.ready
  const found = []
  for (let round = 0; round < flushRounds; round++) {
    for (let n = 0; n < names; n++) {
      const lease = await pool.acquire({ model: `model-${n}`, client: `client-${n}` })
      lease.settle('success', usage, 250)
    }
    found.push(await turnsOf(() => clock.leapTo(clock.runtime.now() + 1_100)))
  }
  await pool.close()
  // The first rounds compile the code.
  const counted = found.slice(3)
  return {
    first: median(counted.map(({ first }) => first)),
    later: median(counted.map(({ later }) => later)),
  }
}

/**
 * The first turn of the event loop, in which the states of keys begin to be written, and the longest of those after it,
 * in milliseconds.
 * @param {() => Promise<unknown>} work
 */
async function turnsOf(work) {
  const turns = []
  let turnedAt = performance.now()
  const running = work()
  for (let turn = 0; turn < 500; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    const now = performance.now()
    turns.push(now - turnedAt)
    turnedAt = now
  }
  await running
  const [first = 0, ...later] = turns
  return { first, later: Math.max(...later) }
}

/** @param {import('../settings.mjs').Settings} settings */
async function measureProxy({ rounds, seconds }) {
  const upstream = await startUpstream()
  const rivals = []
  try {
    rivals.push({ ...(await sfpool('node').start(upstream.port)), name: 'with history' })
    const without = await sfpool('node', { pool: { history: false } }).start(upstream.port)
    rivals.push({ ...without, name: 'without' })
    for (const rival of rivals) await requestWindow(rival, 5)
    const samples = await interleave({ rivals, rounds, measure: (rival) => requestWindow(rival, seconds) })
    const [cpu = [], bare = []] = rivals.map((rival) => (samples.get(rival) ?? []).map(({ cpuUs }) => cpuUs))
    const [one, other] = [summarise(cpu), summarise(bare)]
    const ratio = pairedRatio(cpu, bare)
    const waited = [...samples.values()].flat().map(({ waitedShare }) => waitedShare)
    const text = (/** @type {ReturnType<typeof summarise>} */ { median: middle, min, max }) =>
      `${middle.toFixed(1)} us (${min.toFixed(1)}-${max.toFixed(1)})`
    return {
      notes: [
        `the gateway, CPU per request: ${text(one)} with history, ${text(other)} without, ratio ${ratio.toFixed(3)}`,
        ...disturbance(waited),
      ],
      figures: { with: one, without: other, ratio },
    }
  } finally {
    await Promise.all(rivals.map((rival) => rival.stop()))
    await upstream.stop()
  }
}
