/** What a set-up says and runs: one line for each step, with the time that it takes. */
import { spawn } from 'node:child_process'

/** How often a step that takes long says that it still runs, where lines cannot be rewritten. */
const reminderMs = 10_000

/**
 * Runs a step and shows how long it has taken so far. Goes to stderr, because the output of the command that follows may
 * be data. A step that fails ends the process.
 */
export async function step(what, run) {
  const since = performance.now()
  const seconds = () => `${Math.round((performance.now() - since) / 1000)} s`
  const { stderr } = process
  const isTerminal = stderr.isTTY === true
  stderr.write(isTerminal ? `${what}…` : `${what}…\n`)
  const timer = setInterval(
    () => stderr.write(isTerminal ? `\r${what}… ${seconds()}` : `  still running after ${seconds()}\n`),
    isTerminal ? 1_000 : reminderMs,
  )
  try {
    await run()
    stderr.write(isTerminal ? `\r${what}: ${seconds()} \n` : `  done in ${seconds()}\n`)
  } catch (error) {
    stderr.write(`${isTerminal ? '\n' : ''}${what} failed after ${seconds()}: ${error.message}\n`)
    process.exit(error.status ?? 1)
  } finally {
    clearInterval(timer)
  }
}

/** Runs npm quietly; when it fails, the error has all that it said. */
export function npm(args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        said += text
      })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(Object.assign(new Error(`npm ${args.join(' ')}\n${said}`), { status: code ?? 1 }))
    })
  })
}
