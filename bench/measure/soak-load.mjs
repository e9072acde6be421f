// @ts-check
import { Agent } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { leaveAfterMs } from '../fixtures/soak-faults.mjs'
import { SoakLeavers } from './soak-leavers.mjs'
import { SoakStream } from './soak-stream.mjs'

/** At most this many violations or refusals of one kind are shown in full. */
const maxSamples = 5
const sweepMs = 500
/** New streams begin a few at a time, however many have ended at once, so that no listen queue overflows. */
const batch = 20
const batchEveryMs = 50
const maxUnanswered = 200

/**
 * @typedef {Record<string, { count: number, samples: string[] }>} Counts by kind
 *
 * @typedef {object} SoakLoadReport
 * @property {number} streams that ended, including those left at the end
 * @property {number} events received
 * @property {Record<'completed' | 'empty' | 'interrupted' | 'refused' | 'left', number>} endings
 * @property {{ pipelined: number, stalled: number }} leavers requests of clients of which nothing may be left
 * @property {number} leftAtEnd streams that were still running when the load stopped; not among `left`
 * @property {Counts} refusals by status and code
 * @property {Counts} violations
 * @property {{ id: number, atUs: number }[]} left streams that their clients left early, with the instant
 * @property {{ p99Ms: number, maxMs: number }} late the delay of the load's own event loop
 * @property {number[]} interrupted
 * @property {number[]} empty
 */

/**
 * @typedef {object} SoakPlan
 * @property {number} streams held open
 * @property {number} seconds
 * @property {number} seed
 * @property {number} intervalMs between two events of one stream
 * @property {boolean} [hasLeavers] clients that pipeline and leave, or stall, run beside it
 * @property {number} [hangMs] a stream that is silent this long counts as hanging
 */

/** Holds many streams open: when one ends the next begins, and one client in ten leaves early. */
export class SoakLoad {
  #target
  #plan
  #agent = new Agent({ keepAlive: false })
  /** @type {Set<SoakStream>} */
  #open = new Set()
  #lastId = 0
  #isOver = false
  /** @type {SoakLoadReport} */
  #report = {
    streams: 0,
    events: 0,
    endings: { completed: 0, empty: 0, interrupted: 0, refused: 0, left: 0 },
    leavers: { pipelined: 0, stalled: 0 },
    leftAtEnd: 0,
    refusals: {},
    violations: {},
    left: [],
    late: { p99Ms: 0, maxMs: 0 },
    interrupted: [],
    empty: [],
  }

  /** @param {import('./stream-client.mjs').StreamTarget & SoakPlan} load */
  constructor({ url, headers, ...plan }) {
    this.#target = { url, headers }
    this.#plan = plan
  }

  /** @returns {Promise<SoakLoadReport>} */
  async run() {
    const { seconds, hangMs = 20_000, hasLeavers = false } = this.#plan
    const leavers = new SoakLeavers(this.#target)
    if (hasLeavers) leavers.start()
    const loop = monitorEventLoopDelay({ resolution: 10 })
    loop.enable()
    const timers = [
      setInterval(() => this.#fill(), batchEveryMs),
      setInterval(() => {
        for (const stream of this.#open) stream.watch(sweepMs, hangMs)
      }, sweepMs),
    ]
    await delay(seconds * 1000)
    for (const timer of timers) clearInterval(timer)
    leavers.stop()
    this.#report.leavers = { pipelined: leavers.pipelined, stalled: leavers.stalled }
    this.#report.late = { p99Ms: loop.percentile(99) / 1e6, maxMs: loop.max / 1e6 }
    this.#isOver = true
    for (const stream of this.#open) stream.leave()
    this.#agent.destroy()
    return this.#report
  }

  #fill() {
    const unanswered = [...this.#open].filter(({ isAnswered }) => !isAnswered).length
    const room = Math.min(this.#plan.streams - this.#open.size, maxUnanswered - unanswered, batch)
    for (let begun = 0; begun < room; begun++) this.#begin()
  }

  #begin() {
    const id = ++this.#lastId
    const { seed, intervalMs } = this.#plan
    const afterMs = leaveAfterMs({ seed, id, intervalMs })
    const leave = afterMs === null ? undefined : setTimeout(() => stream.leave(), afterMs)
    const stream = new SoakStream({
      id,
      target: this.#target,
      agent: this.#agent,
      onEnd: (end) => {
        clearTimeout(leave)
        this.#open.delete(stream)
        this.#count(id, end)
      },
    })
    this.#open.add(stream)
  }

  /**
   * @param {number} id
   * @param {import('./soak-stream.mjs').SoakEnd} end
   */
  #count(id, { ending, refusal, leftUs, events }) {
    const report = this.#report
    report.streams++
    report.events += events
    if (typeof ending === 'object')
      return add(report.violations, ending.kind, `stream ${id}: ${ending.detail}`)
    if (ending === 'left' && this.#isOver) {
      report.leftAtEnd++
      return
    }
    report.endings[ending]++
    if (leftUs !== null) report.left.push({ id, atUs: leftUs })
    if (refusal !== null) add(report.refusals, refusal.code, `stream ${id}: ${refusal.message}`)
    if (ending === 'interrupted' || ending === 'empty') report[ending].push(id)
  }
}

/**
 * @param {Counts} counts
 * @param {string} kind
 * @param {string} sample
 */
function add(counts, kind, sample) {
  const seen = counts[kind] ?? { count: 0, samples: [] }
  counts[kind] = seen
  seen.count++
  if (seen.samples.length < maxSamples) seen.samples.push(sample)
}
