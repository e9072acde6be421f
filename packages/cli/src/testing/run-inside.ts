import { PassThrough, Readable } from 'node:stream'
import { main } from '../program.js'
import { commandName, type Output } from '../terminal.js'
import { bin } from './built.js'
import { environmentOf, type Ran, type RunOptions } from './run-environment.js'

/** The commands that run now, by the folder of their user's settings. */
const running = { folder: '', count: 0, outside: process.env.XDG_CONFIG_HOME }

/**
 * Runs a command to its end in this process, from the sources. All that `bin.ts` takes from its process is given here;
 * the folder of the user's settings alone is looked up in the process's environment, so users take turns.
 */
export async function runInside(
  directory: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Ran> {
  const environment = environmentOf(directory, options)
  await enter(environment.XDG_CONFIG_HOME ?? '')
  const out = collecting()
  const err = collecting()
  try {
    const code = await main(args, {
      out,
      err,
      input: Readable.from([Buffer.from(options.input ?? '')]),
      environment,
      command: commandName(bin, directory),
      directory,
      now: () => Date.now(),
      stopping: new AbortController().signal,
      ending: new AbortController().signal,
      onHangUp: () => {},
    })
    return { code, signal: null, stdout: out.text(), stderr: err.text() }
  } finally {
    leave()
  }
}

let waiting: (() => void)[] = []

async function enter(folder: string): Promise<void> {
  while (running.count > 0 && running.folder !== folder)
    await new Promise<void>((resolve) => waiting.push(resolve))
  if (running.count === 0) running.outside = process.env.XDG_CONFIG_HOME
  running.folder = folder
  running.count++
  process.env.XDG_CONFIG_HOME = folder
}

function leave(): void {
  running.count--
  if (running.count > 0) return
  if (running.outside === undefined) delete process.env.XDG_CONFIG_HOME
  else process.env.XDG_CONFIG_HOME = running.outside
  const next = waiting
  waiting = []
  for (const enterNow of next) enterNow()
}

/** An output that is no terminal and keeps what is written. */
function collecting(): Output & { text(): string } {
  const written: Buffer[] = []
  const stream = new PassThrough()
  stream.on('data', (chunk: Buffer) => written.push(chunk))
  return {
    stream,
    isTTY: false,
    columns: () => undefined,
    write: (text) => {
      written.push(Buffer.from(text))
    },
    writeSoon: (text) => {
      written.push(Buffer.from(text))
    },
    drained: async () => {},
    endure: async () => {},
    text: () => Buffer.concat(written).toString(),
  }
}
