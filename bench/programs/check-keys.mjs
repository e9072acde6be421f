// @ts-check
// node bench/programs/check-keys.mjs COUNT SITE REGIME PROBE all|quiet ADDRESSES
// Checks keys in every state as fast as possible, and prints the duration, the memory and the number of wrong verdicts as
// one line of JSON. The keys are generated on demand, so that all held memory is that of the check.
import { readFileSync } from 'node:fs'
import { KeyPool, siliconflow } from '@sfpool/core'
import { kinds, quietKinds, worldSecret } from '../fixtures/verdict-world.mjs'

const [count = '0', site = 'cn', regime = 'current', probe = 'models', which = 'all', addresses = '{}'] =
  process.argv.slice(2)
const of = which === 'quiet' ? quietKinds : kinds
const total = Number(count)
const asked = /** @type {import('@sfpool/core').ProbeName} */ (probe)

/** @param {number} number */
const kindOf = (number) => of[number % of.length] ?? kinds[0]

function* secrets() {
  for (let number = 0; number < total; number++) yield worldSecret(kindOf(number)?.name ?? '', number)
}

const provider = siliconflow({ site: site === 'com' ? 'com' : 'cn', sites: JSON.parse(addresses) })
const pool = new KeyPool({ provider })
await pool.ready
const startedAt = performance.now()
let done = 0
let wrong = 0
const options = { concurrency: 16, retries: 1, retryPauseMs: 100, deadlineMs: 3_000 }
for await (const { index, verdict } of pool.check({ ...options, probe: asked, keys: secrets() })) {
  done++
  const expected = kindOf(index)?.verdict(asked, regime === 'classic' ? 'classic' : 'current')
  if (verdict !== expected) wrong++
}
const seconds = (performance.now() - startedAt) / 1_000
const peakKb = Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
console.log(JSON.stringify({ done, wrong, seconds, peakMb: peakKb / 1_024 }))
await pool.close()
