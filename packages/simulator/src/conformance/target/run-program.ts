import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A running program. */
export interface RunningProgram {
  hasEnded(): boolean
  /** Resolves when the port accepts connections. Throws with the last output when the program ends before that. */
  listening(port: number): Promise<void>
  stop(): Promise<void>
}

const startLimitMs = 20_000
const stopLimitMs = 300
const lastWordsLength = 2000

/** Starts a program. It is killed when this process exits. */
export function runProgram(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): RunningProgram {
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
  process.once('exit', kill)
  return {
    hasEnded: () => isOver,
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
