// @ts-check

import { pingOneByOne } from '../measure/ping-load.mjs'
import { percentile } from '../measure/statistics.mjs'

const load = JSON.parse(process.argv[2] ?? '{}')
await pingOneByOne({ ...load, count: Math.ceil(load.count / 5) })
const samples = await pingOneByOne(load)
const report = { p50Us: percentile(samples, 0.5), p99Us: percentile(samples, 0.99) }
process.stdout.write(`${JSON.stringify(report)}\n`)
