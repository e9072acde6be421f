// @ts-check
import { fileURLToPath } from 'node:url'
import { requestBody } from '../fixtures/chat.mjs'
import { runPinned } from './child.mjs'
import { cores } from './cores.mjs'
import { findTool } from './tools.mjs'

const script = fileURLToPath(new URL('./wrk.lua', import.meta.url))

/**
 * @typedef {object} WrkReport
 * @property {number} requests answered in the window
 * @property {number} durationUs
 * @property {number} failed answers with a status of 400 or more, and broken connections
 */

/**
 * Posts the request from keep-alive connections for some seconds.
 * @param {{ url: string, headers: Readonly<Record<string, string>>, seconds: number, connections?: number }} load
 * @returns {Promise<WrkReport>}
 */
export async function runWrk({ url, headers, seconds, connections = 64 }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const output = await runPinned({
    command: findTool('wrk'),
    args: [
      '-t1',
      `-c${connections}`,
      `-d${seconds}s`,
      '-s',
      script,
      url,
      '--',
      String(requestBody),
      ...lines,
    ],
    core: cores.load,
  })
  return readReport(output)
}

/** @param {string} output the output, whose last line is the report of wrk.lua */
export function readReport(output) {
  const line = output.trimEnd().split('\n').at(-1) ?? ''
  const [requests, durationUs, failed] = line.split(' ').map(Number)
  if (requests === undefined || durationUs === undefined || failed === undefined || Number.isNaN(failed)) {
    throw new Error(`wrk did not report: ${output}`)
  }
  return { requests, durationUs, failed }
}
