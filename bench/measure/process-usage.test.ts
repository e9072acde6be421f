import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { startPinned, stop } from './child.mjs'
import { cores } from './cores.mjs'
import { disturbance, readCpu, readRssBytes } from './process-usage.mjs'

const isLinux = process.platform === 'linux'

test.runIf(isLinux)('readCpu agrees with the CPU time that the process counts itself', () => {
  const before = { read: readCpu(process.pid).ranNs, own: process.cpuUsage() }
  let spun = 0
  for (const end = performance.now() + 150; performance.now() < end; ) spun++
  const own = process.cpuUsage(before.own)
  const read = readCpu(process.pid).ranNs - before.read
  expect(spun).toBeGreaterThan(0)
  const countedNs = (own.user + own.system) * 1000
  expect(read / countedNs).toBeGreaterThan(0.8)
  expect(read / countedNs).toBeLessThan(1.2)
})

test.runIf(isLinux)('readCpu reads another process with all of its threads', async () => {
  const busy =
    "const { Worker } = require('node:worker_threads');" +
    "const w = new Worker('const e = Date.now() + 200; while (Date.now() < e); setInterval(() => {}, 1000);" +
    'require("node:worker_threads").parentPort.postMessage(0)\', { eval: true });' +
    "w.on('message', () => console.log('done'))"
  const child = spawn(process.execPath, ['-e', busy], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const { pid = 0 } = child
  // The worker alone spent 200 ms of wall time in a loop, of which it gets only a part on a busy machine.
  expect(readCpu(pid).ranNs).toBeGreaterThan(30e6)
  expect(readRssBytes(pid)).toBeGreaterThan(10e6)
  child.kill()
  await once(child, 'close')
})

test('readCpu reports a process that does not exist', () => {
  expect(() => readCpu(2 ** 22 + 1)).toThrow('the process ended')
})

test.runIf(isLinux)('readCpu shows that two processes on one core wait for each other', async () => {
  const spin =
    'const e = Date.now() + 400; while (Date.now() < e); console.log("done"); setInterval(() => {}, 1000)'
  const pinned = { command: process.execPath, args: ['-e', spin], core: cores.proxy }
  const both = [startPinned(pinned), startPinned(pinned)]
  await Promise.all(both.map(({ child }) => once(child.stdout ?? child, 'data')))
  const waited = both.map(({ pid }) => readCpu(pid).waitedNs)
  await Promise.all(both.map(stop))
  expect(Math.max(...waited)).toBeGreaterThan(50e6)
})

test('disturbance reports only windows in which the proxy waited for its core', () => {
  expect(disturbance([0.01, 0.02, 0])).toEqual([])
  expect(disturbance([0.01, 0.3, 0.06])[0]).toMatch(/in 2 of 3 windows \(it waited up to 30 % of one\)/)
})
