import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bin } from './built.js'
import { environmentOf, type Ran, type RunOptions } from './run-environment.js'
import { runInside } from './run-inside.js'

/** A user with an empty home directory. */
export interface Home extends Disposable {
  readonly directory: string
  path(name: string): string
  /** Runs a command to its end, in this process: a process for each would take most of the time of the suite. */
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Runs the built program to its end, in a process of its own. */
  runBuilt(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Starts a command of the built program that keeps running. */
  start(args: readonly string[], options?: RunOptions): Running
}

export interface Running extends AsyncDisposable {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves once either output holds a match; rejects when the process ends without one. */
  seen(pattern: RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** Leaves as a reader of both outputs. */
  leave(): void
  readonly ended: Promise<Ran>
}

const running = new Set<ChildProcess>()
// A test that was aborted leaves no server behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export function createHome(): Home {
  const directory = mkdtempSync(join(tmpdir(), 'sfpool-cli-'))
  const home: Home = {
    directory,
    path: (name) => join(directory, name),
    run: (args, options = {}) =>
      needsProcess(options) ? start(directory, args, options).ended : runInside(directory, args, options),
    runBuilt: (args, options = {}) => start(directory, args, options).ended,
    start: (args, options = {}) => start(directory, args, options),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
  return home
}

/** Options for Node itself need a process; so does the user's folder where it does not come from a variable. */
function needsProcess({ environment = {}, program, stderr }: RunOptions): boolean {
  const isPlain = program === undefined && stderr === undefined
  return process.platform !== 'linux' || !isPlain || 'NODE_OPTIONS' in environment
}

function start(directory: string, args: readonly string[], options: RunOptions): Running {
  const child = spawn(process.execPath, [options.program ?? bin, ...args], {
    cwd: directory,
    env: environmentOf(directory, options),
    stdio: ['pipe', 'pipe', typeof options.stderr === 'number' ? options.stderr : 'pipe'],
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null) throw new Error('the command has no pipes')
  const outputs = { out: '', err: '' }
  // A pipe may be reset as the command ends; its exit code says whether that is a failure.
  for (const stream of [stdout, stderr]) stream?.on('error', () => {})
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    outputs.out += chunk
    child.emit('written')
  })
  if (options.stderr === undefined)
    stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      outputs.err += chunk
      child.emit('written')
    })
  // A command that does not read its input may end before all of it is written.
  stdin.on('error', () => {})
  stdin.end(options.input ?? '')
  const ended = endOf(child, outputs)
  return {
    pid: child.pid ?? 0,
    stdout: () => outputs.out,
    stderr: () => outputs.err,
    seen: (pattern) => seen(child, pattern, outputs, ended),
    kill: (signal) => {
      child.kill(signal)
    },
    leave: () => {
      stdout.destroy()
      stderr?.destroy()
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function endOf(child: ChildProcess, outputs: { out: string; err: string }): Promise<Ran> {
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout: outputs.out, stderr: outputs.err }
}

function seen(
  child: ChildProcess,
  pattern: RegExp,
  outputs: { out: string; err: string },
  ended: Promise<Ran>,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const match = pattern.exec(outputs.out) ?? pattern.exec(outputs.err)
      if (match === null) return
      child.off('written', look)
      resolve(match)
    }
    child.on('written', look)
    void ended.then(({ code, stderr }) =>
      reject(new Error(`ended with ${code} before ${pattern}: ${stderr}`)),
    )
    look()
  })
}
