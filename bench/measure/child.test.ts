import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { expect, test } from 'vitest'
import { programPath } from '../rivals/rival.mjs'
import { freePort, runPinned, startPinned, stop, untilListening } from './child.mjs'
import { cores } from './cores.mjs'
import { hasTool } from './tools.mjs'

const canPin = process.platform === 'linux' && hasTool('taskset')

test.runIf(canPin)('startPinned returns the pid of the program, which runs on the given core', async () => {
  const port = await freePort()
  const started = startPinned({
    command: process.execPath,
    args: [programPath('upstream'), String(port)],
    core: cores.proxy,
  })
  await untilListening(started, port)
  expect(readFileSync(`/proc/${started.pid}/cmdline`, 'utf8')).toMatch(/^[^\0]*node\0/)
  expect(readFileSync(`/proc/${started.pid}/status`, 'utf8')).toMatch(
    new RegExp(`^Cpus_allowed_list:\\s+${cores.proxy}$`, 'm'),
  )
  await stop(started)
  const refused = await new Promise((resolve) => {
    createConnection(port, '127.0.0.1')
      .on('error', () => resolve(true))
      .on('connect', () => resolve(false))
  })
  expect(refused).toBe(true)
})

test.runIf(canPin)(
  'untilListening reports a program that ends instead of listening with its last output',
  async () => {
    const started = startPinned({
      command: process.execPath,
      args: ['-e', 'console.error("no room"); process.exit(3)'],
      core: cores.proxy,
    })
    await started.ended
    await expect(untilListening(started, await freePort())).rejects.toThrow(
      /ended before it listened: no room/,
    )
  },
)

test.runIf(canPin)('runPinned reports a failing program with its exit code', async () => {
  const failing = { command: process.execPath, args: ['-e', 'process.exit(3)'], core: cores.load }
  await expect(runPinned(failing)).rejects.toThrow('ended with 3')
})
