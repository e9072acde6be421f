// @ts-check
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { leaveAfterMs } from '../fixtures/soak-faults.mjs'
import { SoakStream } from './soak-stream.mjs'

/** Violations of one kind that are shown in full. */
const maxSamples = 5
const sweepMs = 500
/** Streams that are begun at once while the load grows, so that no listen queue overflows. */
const batch = 20
const batchEveryMs = 50
/** After a refusal the next stream waits a moment, so that a closed door is not hammered. */
const afterRefusalMs = 200

/**
 * @typedef {object} SoakLoadReport
 * @property {number} streams that ended, those left at the end included
 * @property {number} events received
 * @property {Record<'completed' | 'empty' | 'interrupted' | 'refused' | 'left', number>} endings
 * @property {number} leftAtEnd streams that were still running when the load stopped; not among `left`
 * @property {Record<string, number>} refusals by status and code
 * @property {Record<string, { count: number, samples: string[] }>} violations by kind
 * @property {{ id: number, atUs: number }[]} left early, by their clients, and when
 * @property {number[]} interrupted
 * @property {number[]} empty
 */

/**
 * @typedef {object} SoakPlan
 * @property {number} streams held open
 * @property {number} seconds
 * @property {number} seed
 * @property {number} intervalMs between two events of one stream
 * @property {number} [hangMs] a stream from which nothing comes for so long hangs
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
    leftAtEnd: 0,
    refusals: {},
    violations: {},
    left: [],
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
    const { streams, seconds, hangMs = 20_000 } = this.#plan
    const endAt = performance.now() + seconds * 1000
    const sweep = setInterval(() => {
      for (const stream of this.#open) stream.watch(hangMs)
    }, sweepMs)
    for (let begun = 0; begun < streams; begun += batch) {
      for (let each = begun; each < Math.min(streams, begun + batch); each++) this.#begin()
      await delay(batchEveryMs)
    }
    await delay(Math.max(0, endAt - performance.now()))
    clearInterval(sweep)
    this.#isOver = true
    for (const stream of this.#open) stream.leave()
    this.#agent.destroy()
    return this.#report
  }

  #begin() {
    if (this.#isOver) return
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
        setTimeout(() => this.#begin(), end.ending === 'refused' ? afterRefusalMs : 0)
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
    if (typeof ending === 'object') return this.#countViolation(id, ending)
    if (ending === 'left' && this.#isOver) {
      report.leftAtEnd++
      return
    }
    report.endings[ending]++
    if (leftUs !== null) report.left.push({ id, atUs: leftUs })
    if (refusal !== null) report.refusals[refusal] = (report.refusals[refusal] ?? 0) + 1
    if (ending === 'interrupted' || ending === 'empty') report[ending].push(id)
  }

  /**
   * @param {number} id
   * @param {import('../fixtures/soak-checker.mjs').Violation} violation
   */
  #countViolation(id, { kind, detail }) {
    const seen = this.#report.violations[kind] ?? { count: 0, samples: [] }
    this.#report.violations[kind] = seen
    seen.count++
    if (seen.samples.length < maxSamples) seen.samples.push(`stream ${id}: ${detail}`)
  }
}
