import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readCpuNs, readRssBytes } from './process-usage.mjs'

const isLinux = process.platform === 'linux'

test.runIf(isLinux)('the CPU time read from the system agrees with what the process counts itself', () => {
  const before = { read: readCpuNs(process.pid), own: process.cpuUsage() }
  let spun = 0
  for (const end = performance.now() + 150; performance.now() < end; ) spun++
  const own = process.cpuUsage(before.own)
  const read = readCpuNs(process.pid) - before.read
  expect(spun).toBeGreaterThan(0)
  const countedNs = (own.user + own.system) * 1000
  expect(read / countedNs).toBeGreaterThan(0.8)
  expect(read / countedNs).toBeLessThan(1.2)
})

test.runIf(isLinux)('another process can be read, all of its threads included', async () => {
  const busy =
    "const { Worker } = require('node:worker_threads');" +
    "const w = new Worker('const e = Date.now() + 200; while (Date.now() < e); setInterval(() => {}, 1000);" +
    'require("node:worker_threads").parentPort.postMessage(0)\', { eval: true });' +
    "w.on('message', () => console.log('done'))"
  const child = spawn(process.execPath, ['-e', busy], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const { pid = 0 } = child
  // The worker alone spent 200 ms of wall time in a loop; on a busy machine it got a part of that.
  expect(readCpuNs(pid)).toBeGreaterThan(30e6)
  expect(readRssBytes(pid)).toBeGreaterThan(10e6)
  child.kill()
  await once(child, 'close')
})

test('a process that is not there is said to be so', () => {
  expect(() => readCpuNs(2 ** 22 + 1)).toThrow('the process ended')
})
