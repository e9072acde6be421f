// @ts-check
import { KeyPool, strategyNames } from '@sfpool/core'
import { cooledStore } from '../fixtures/cooled-store.mjs'
import { median } from '../measure/statistics.mjs'

const sizes = [10, 1_000, 10_000, 100_000]
const model = 'Qwen/Qwen2.5-72B-Instruct'
/** The number of leases that are open at the same time. */
const batch = 2_000
/** The promised limits for strategies with a fixed order, and for strategies that compare keys. */
const orderedNs = 1_000
const comparingNs = 3_000
const ordered = new Set(['round-robin', 'random', 'weighted', 'sequential'])
const usage = {
  promptTokens: 300,
  completionTokens: 120,
  totalTokens: 420,
  cachedTokens: 0,
  reasoningTokens: 0,
}

/** @type {import('./request-bench.mjs').Bench} */
export const pickBench = {
  name: 'pick',
  method: ({ rounds }) =>
    `Processor time per pool.acquire() and per lease.settle(), with everything they do: promise, limits of requests and
tokens per account and model, reservation, rates, health, state to save. Three keys in ten cool down on the model. ${batch} leases
are open at the same time; medians of ${rounds} rounds, after one that does not count. One process, no upstream.`,
  run: async ({ rounds }) => {
    const figures = []
    for (const strategy of strategyNames) {
      for (const size of sizes)
        figures.push({ strategy, size, ...(await measure({ strategy, size, rounds })) })
    }
    return { ...tableOf(figures), figures }
  },
}

/**
 * @param {{ strategy: import('@sfpool/core').StrategyName, size: number, rounds: number }} given
 * @returns {Promise<{ acquireNs: number, settleNs: number }>}
 */
async function measure({ strategy, size, rounds }) {
  const store = await cooledStore({ keys: size, model, now: Date.now() })
  const limits = { models: { '*': { RPM: 1e9, TPM: 1e12 } } }
  const pool = new KeyPool({ store, strategy, limits })
  await pool.ready
  await useAll(pool, size)
  const samples = []
  const batches = Math.max(10, Math.ceil(40_000 / batch))
  for (let count = 0; count < rounds; count++) {
    const totals = { acquireNs: 0, settleNs: 0 }
    for (let done = 0; done < batches; done++) {
      const { acquireNs, settleNs } = await round(pool)
      totals.acquireNs += acquireNs / batches
      totals.settleNs += settleNs / batches
    }
    samples.push(totals)
  }
  await pool.close()
  return {
    acquireNs: median(samples.map(({ acquireNs }) => acquireNs)),
    settleNs: median(samples.map(({ settleNs }) => settleNs)),
  }
}

/**
 * Uses the keys before the measurement, because the first use of a key creates its limit counters. A random strategy needs
 * a while to use nearly all keys, and some strategies that compare keys always prefer a few.
 * @param {KeyPool} pool
 * @param {number} size
 */
async function useAll(pool, size) {
  const used = new Set()
  for (
    let drawn = 0;
    drawn < 1.5 * size + batch || (drawn < 8 * size && used.size < 0.69 * size);
    drawn += batch
  ) {
    const leases = []
    for (let count = 0; count < batch; count++) leases.push(await pool.acquire({ model, tokens: 400 }))
    for (const lease of leases) {
      used.add(lease.key.id)
      lease.settle('success', usage, 250)
    }
  }
}

/** @param {KeyPool} pool */
async function round(pool) {
  const leases = []
  const before = process.cpuUsage()
  for (let count = 0; count < batch; count++) leases.push(await pool.acquire({ model, tokens: 400 }))
  const between = process.cpuUsage()
  for (const lease of leases) lease.settle('success', usage, 250)
  const after = process.cpuUsage()
  return { acquireNs: nsPerLease(before, between), settleNs: nsPerLease(between, after) }
}

/** @param {NodeJS.CpuUsage} from @param {NodeJS.CpuUsage} to */
const nsPerLease = (from, to) => ((to.user - from.user + to.system - from.system) * 1000) / batch

/** @param {readonly { strategy: string, size: number, acquireNs: number, settleNs: number }[]} figures */
function tableOf(figures) {
  const largest = sizes.at(-1)
  const rows = strategyNames.map((name) => [
    name,
    ...figures
      .filter(({ strategy }) => strategy === name)
      .map(({ acquireNs, settleNs }) => `${acquireNs.toFixed(0)} + ${settleNs.toFixed(0)}`),
  ])
  const notes = figures
    .filter(({ size }) => size === largest)
    .map(({ strategy, acquireNs }) => {
      const most = ordered.has(strategy) ? orderedNs : comparingNs
      const verdict = acquireNs <= most ? 'kept' : 'BROKEN'
      return `${verdict}: ${strategy} at ${largest} keys takes ${acquireNs.toFixed(0)} ns, at most ${most}`
    })
  return { head: ['acquire + settle, ns', ...sizes.map(String)], rows, notes }
}
