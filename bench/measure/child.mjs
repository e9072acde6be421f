// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { findTool } from './tools.mjs'

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * @typedef {object} Program
 * @property {string} command
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string} [cwd]
 * @property {string} [stderrPath] a file for stderr, for programs that write more than a few lines
 */

/**
 * Starts a program pinned to one core. taskset replaces itself with the program, so the pid is the program's own.
 * @param {Program & { core: number }} program
 */
export function startPinned({ command, args, core, env = process.env, cwd, stderrPath }) {
  const stderr = stderrPath === undefined ? 'pipe' : openSync(stderrPath, 'w')
  const child = spawn(findTool('taskset'), ['-c', String(core), command, ...args], {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', stderr],
  })
  if (typeof stderr === 'number') closeSync(stderr)
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (text) => {
    output.stdout += text
  })
  child.stderr?.on('data', (text) => {
    output.stderr = `${output.stderr}${text}`.slice(-4000)
  })
  running.add(child)
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return /** @type {number | null} */ (code)
  })
  ended.catch(() => {})
  const lastWords = () =>
    (stderrPath === undefined ? output.stderr : readFileSync(stderrPath, 'utf8').slice(-4000)) ||
    output.stdout
  return { child, pid: child.pid ?? 0, output, ended, lastWords, title: `${command} ${args[0] ?? ''}` }
}

/** @typedef {ReturnType<typeof startPinned>} Started */

/**
 * Runs a program to its end and returns what it printed.
 * @param {Program & { core: number }} program
 */
export async function runPinned(program) {
  const started = startPinned(program)
  const code = await started.ended
  if (code !== 0) throw new Error(`${started.title} ended with ${code}: ${started.lastWords()}`)
  return started.output.stdout
}

/**
 * Ends a started program and waits for it. It is killed if it has not ended after two seconds.
 * @param {Started} started
 */
export async function stop(started) {
  started.child.kill('SIGTERM')
  const insist = setTimeout(() => started.child.kill('SIGKILL'), 2000)
  await started.ended
  clearTimeout(insist)
}

/**
 * Resolves when the port accepts connections. Throws with the program's output when the program ends before that.
 * @param {Started} started
 * @param {number} port
 */
export async function untilListening(started, port) {
  for (let attempt = 0; attempt < 1000; attempt++) {
    if (started.child.exitCode !== null) {
      throw new Error(`${started.title} ended before it listened: ${started.lastWords()}`)
    }
    if (await takesConnections(port)) return
    await delay(20)
  }
  throw new Error(`${started.title} does not listen on port ${port} after 20 s`)
}

/** @param {number} port */
async function takesConnections(port) {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Returns a port that is free at the moment. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port')
  return address.port
}
