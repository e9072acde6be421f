import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { openKeyFolder } from './key-file.js'
import type { StartedTarget, Target, TargetStart } from './target.js'

type Headers = Readonly<Record<string, string>>

export interface CommandTargetOptions {
  /** @default 'command' */
  name?: string
  /**
   * The command and its arguments. Filled in are `{port}`, `{upstream}` and `{keysFile}`, and the times after which it
   * should give up: `{connectMs}`, `{firstByteMs}`, `{firstOutputMs}`, `{idleMs}`.
   */
  command: readonly string[]
  /** Below it are `/chat/completions` and so on. @default '/v1' */
  basePath?: string
  /** What every request must carry. */
  headers?: Headers | ((given: TargetStart) => Headers)
  /** Where the keys' states can be read. */
  status?: { path: string; headers?: Headers }
  /** Default: that of this process. It runs in an empty folder, so that no file of settings is found. */
  env?: NodeJS.ProcessEnv
}

/** A gateway that a command starts, anew for every case; ready when its port takes connections. */
export function commandTarget(options: CommandTargetOptions): Target {
  return { name: options.name ?? 'command', start: (given) => startCommand(options, given) }
}

async function startCommand(options: CommandTargetOptions, given: TargetStart): Promise<StartedTarget> {
  const { basePath = '/v1', headers = {}, status } = options
  const folder = openKeyFolder(given.keys)
  const port = await freePort()
  const filled: Record<string, string | number> = {
    ...given.settings,
    port,
    upstream: given.upstreamURL,
    keysFile: folder.keysFile,
  }
  const [command = '', ...args] = options.command.map((word) =>
    word.replace(/\{(\w+)\}/g, (whole, name: string) => String(filled[name] ?? whole)),
  )
  const running = run(command, args, { cwd: folder.path, env: options.env ?? process.env })
  const stop = async (): Promise<void> => {
    await running.stop()
    folder.remove()
  }
  try {
    await running.listening(port)
  } catch (error) {
    await stop()
    throw error
  }
  const origin = `http://127.0.0.1:${port}`
  return {
    baseURL: `${origin}${basePath}`,
    headers: typeof headers === 'function' ? headers(given) : headers,
    ...(status === undefined ? {} : { statusURL: `${origin}${status.path}` }),
    ...(status?.headers === undefined ? {} : { statusHeaders: status.headers }),
    stop,
  }
}

interface Running {
  listening(port: number): Promise<void>
  stop(): Promise<void>
}

const startLimitMs = 20_000
const stopLimitMs = 300
const lastWordsLength = 2000

function run(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Running {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  let lastWords = ''
  child.stderr?.on('data', (chunk) => {
    lastWords = `${lastWords}${chunk}`.slice(-lastWordsLength)
  })
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      lastWords += error.message
      resolve()
    })
    child.once('close', () => resolve())
  })
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const kill = (): void => void child.kill('SIGKILL')
  // Nothing that a run has started may outlive it.
  process.once('exit', kill)
  return {
    async listening(port) {
      for (const until = Date.now() + startLimitMs; Date.now() < until; await delay(10)) {
        if (isOver) throw new Error(`${command} ended before it listened: ${lastWords.trim()}`)
        if (await takesConnections(port)) return
      }
      throw new Error(
        `${command} does not listen on port ${port} after ${startLimitMs / 1000} s: ${lastWords}`,
      )
    },
    stop: () => end(child, ended, kill),
  }
}

async function end(child: ChildProcess, ended: Promise<void>, kill: () => void): Promise<void> {
  child.kill('SIGTERM')
  const insist = setTimeout(kill, stopLimitMs)
  await ended
  clearTimeout(insist)
  process.off('exit', kill)
}

async function takesConnections(port: number): Promise<boolean> {
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port')
  return address.port
}
