// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { kinds, quietKinds, worldSecret } from '../fixtures/verdict-world.mjs'
import { runPinned, startPinned } from '../measure/child.mjs'
import { cores } from '../measure/cores.mjs'
import { scratchDirectory } from '../measure/scratch.mjs'
import { SkippedError } from '../measure/tools.mjs'

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const bin = here('../../packages/cli/dist/bin.js')
const upstreamProgram = here('../programs/verdict-upstream.mjs')
const checkProgram = here('../programs/check-keys.mjs')

const few = 1_000
/** Ten times as many keys must not take more memory. */
const bulks = [10_000, 100_000]
const many = 100_000
const files = [100_000, 1_000_000]
/** The promised limit for additional memory, in megabytes. It allows for garbage that is not collected yet. */
const flatMb = 40

/** @typedef {{ done: number, wrong: number, seconds: number, peakMb: number }} Checked */
/** @typedef {Checked & { name: string, requests: number | null, chats: number | null }} Row */

/** @type {import('./request-bench.mjs').Bench} */
export const checkBench = {
  name: 'check',
  method: () =>
    `${few} keys in ${kinds.length} states, in both regimes and on both sites of a simulator in another process, with every
probe, and up to ${many} keys in the ${quietKinds.length} states that need no fault. pool.check with 16 at a time, one retry, at
most 3 s per key; keys are generated on demand. Then sfpool check with files of up to ${files.at(-1)} lines, one in ten
a new key. Peak memory is that of the whole process (VmHWM), including Node.`,
  run: async () => {
    if (!existsSync(bin)) throw new SkippedError('the command line is not built: npm run build')
    /** @type {Row[]} */
    const rows = []
    for (const regime of ['current', 'classic'])
      for (const site of ['cn', 'com']) rows.push(...(await judged({ regime, site })))
    for (const count of bulks) rows.push(await inBulk(count))
    for (const lines of files) rows.push(await fromFile(lines))
    return {
      head: ['check', 'keys', 'wrong', 's', 'keys/s', 'peak MB', 'requests/key', 'chats'],
      rows: rows.map(({ name, done, wrong, seconds, peakMb, requests, chats }) => [
        name,
        ...[done, wrong, seconds.toFixed(1), (done / seconds).toFixed(0), peakMb.toFixed(0)].map(String),
        requests === null ? '' : (requests / done).toFixed(2),
        chats === null ? '' : String(chats),
      ]),
      notes: notesOn(rows),
      figures: rows,
    }
  },
}

/** @param {readonly Row[]} rows */
function notesOn(rows) {
  const wrong = rows.reduce((sum, row) => sum + row.wrong, 0)
  const chats = rows
    .filter(({ name }) => !name.endsWith('chat'))
    .reduce((sum, row) => sum + (row.chats ?? 0), 0)
  const kept = (/** @type {boolean} */ isKept) => (isKept ? 'kept' : 'BROKEN')
  return [
    `${kept(wrong === 0)}: ${wrong} wrong verdicts, at most 0`,
    `${kept(chats === 0)}: ${chats} models called without --probe chat, at most 0`,
    ...['pool.check', 'sfpool check'].map((job) => {
      const peaks = rows.filter(({ name }) => name.startsWith(job)).map(({ peakMb }) => peakMb)
      const more = (peaks.at(-1) ?? 0) - (peaks[0] ?? 0)
      return `${kept(more <= flatMb)}: ten times as many keys take ${job} ${more.toFixed(0)} MB more, at most ${flatMb}`
    }),
  ]
}

/**
 * Checks a thousand keys with every probe.
 * @param {{ regime: string, site: string }} world
 * @returns {Promise<Row[]>}
 */
function judged({ regime, site }) {
  return withUpstream([String(few), site, regime, 'all'], async ({ addresses, counts }) => {
    /** @type {Row[]} */
    const rows = []
    for (const probe of ['models', 'balance', 'chat']) {
      const checked = await check([String(few), site, regime, probe, 'all', addresses])
      rows.push({ ...checked, ...(await counts()), name: `${site} ${regime} ${probe}` })
    }
    return rows
  })
}

/** @param {number} count @returns {Promise<Row>} */
function inBulk(count) {
  return withUpstream([String(count), 'cn', 'current', 'quiet'], async ({ addresses }) => {
    const checked = await check([String(count), 'cn', 'current', 'models', 'quiet', addresses])
    return { ...checked, name: `pool.check, ${count} keys`, requests: null, chats: null }
  })
}

/**
 * Runs the command line over a file in which most lines are comments, duplicates and garbage.
 * @param {number} fileLines
 * @returns {Promise<Row>}
 */
function fromFile(fileLines) {
  return withUpstream([String(fileLines / 10), 'cn', 'current', 'quiet'], async ({ addresses }) => {
    const directory = scratchDirectory('check')
    const file = join(directory.path, 'keys.txt')
    await writeKeys(file, fileLines)
    const output = join(directory.path, 'results.jsonl')
    const startedAt = performance.now()
    const started = startPinned({
      command: process.execPath,
      args: [bin, 'check', file, '--format', 'jsonl', '--output', output, '--concurrency', '16'],
      core: cores.proxy,
      env: { ...process.env, HOME: directory.path, SFPOOL_SITES: addresses },
    })
    let peakMb = 0
    const watching = setInterval(() => {
      peakMb = Math.max(peakMb, peakOf(started.pid))
    }, 100)
    await started.ended
    clearInterval(watching)
    const seconds = (performance.now() - startedAt) / 1_000
    const { done, wrong } = await judgeFile(output)
    directory.remove()
    const name = `sfpool check, ${fileLines} lines`
    return { name, done, wrong, seconds, peakMb, requests: null, chats: null }
  })
}

/** @param {string} file @param {number} fileLines */
async function writeKeys(file, fileLines) {
  const stream = createWriteStream(file)
  for (let line = 0; line < fileLines; line++) {
    const number = Math.floor(line / 10)
    const kind = quietKinds[number % quietKinds.length]?.name ?? ''
    const text = line % 10 === 3 ? '# a note' : line % 10 === 7 ? 'no key' : worldSecret(kind, number)
    if (!stream.write(`${text}\n`)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'finish')
}

/** @param {string} output */
async function judgeFile(output) {
  let done = 0
  let wrong = 0
  for (const text of readFileSync(output, 'utf8').trimEnd().split('\n')) {
    const { line, verdict } = JSON.parse(text)
    const kind = quietKinds[Math.floor((line - 1) / 10) % quietKinds.length]
    done++
    if (kind?.verdict('models', 'current') !== verdict) wrong++
  }
  return { done, wrong }
}

/** Reads the peak memory of a process in megabytes; 0 when it has ended. @param {number} pid */
function peakOf(pid) {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024
  } catch {
    return 0
  }
}

/** @param {readonly string[]} args @returns {Promise<Checked>} */
async function check(args) {
  const printed = await runPinned({
    command: process.execPath,
    args: [checkProgram, ...args],
    core: cores.proxy,
  })
  return JSON.parse(printed)
}

/**
 * @template T
 * @param {readonly string[]} args
 * @param {(upstream: { addresses: string, counts: () => Promise<{ requests: number, chats: number }> }) => Promise<T>} use
 *   `counts`: since the last call
 * @returns {Promise<T>}
 */
async function withUpstream(args, use) {
  const child = spawn(process.execPath, ['--max-old-space-size=4096', upstreamProgram, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async () => (await lines.next()).value ?? ''
  const counts = async () => {
    child.stdin.write('\n')
    return JSON.parse(await next())
  }
  try {
    return await use({ addresses: await next(), counts })
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
}
