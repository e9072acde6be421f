// @ts-check

import { ping } from '../measure/ping-load.mjs'
import { percentile } from '../measure/statistics.mjs'

const load = JSON.parse(process.argv[2] ?? '{}')
await ping({ ...load, count: Math.ceil(load.count / 5) })
const samples = await ping(load)
const report = { p50Us: percentile(samples, 0.5), p99Us: percentile(samples, 0.99) }
process.stdout.write(`${JSON.stringify(report)}\n`)
