#!/usr/bin/env node
import { type ExitCode, exitCodes } from './exit-code.js'
import { fileFailure } from './input/file-failure.js'
import { isTerminalGone } from './is-terminal-gone.js'
import { main } from './program.js'
import { commandName, outputOver } from './terminal.js'

const wasInTerminal = process.stdin.isTTY === true || process.stderr.isTTY === true

const stop = new AbortController()
const end = new AbortController()

// Under npm one Ctrl-C arrives as two signals, one from the terminal and one from npm. They count as one.
const duplicateSignalMs = 300
// How long a command may still clean up after the second signal.
const exitGraceMs = 1_000

let signalCount = 0
let lastSignalAt = Number.NEGATIVE_INFINITY
const onSignal = (): void => {
  const at = performance.now()
  const isDuplicate = at - lastSignalAt < duplicateSignalMs
  lastSignalAt = at
  if (isDuplicate) return
  signalCount++
  if (signalCount === 1) stop.abort()
  else if (signalCount === 2) {
    end.abort()
    setTimeout(() => process.exit(exitCodes.interrupted), exitGraceMs).unref()
  } else process.exit(exitCodes.interrupted)
}
process.on('SIGINT', onSignal)
process.on('SIGTERM', onSignal)

// Without a listener, SIGUSR1 would open Node's inspector, through which other users of the machine could read the keys.
process.on('SIGUSR1', () => {})

const out = outputOver(process.stdout, {
  // Ends without an error when the reader of the output closes the pipe early, as `head` does.
  onReaderGone: () => process.exit(exitCodes.ok),
  onFailure: (error) => {
    err.write(`error: cannot write the output: ${fileFailure(error)}\n`)
    process.exit(exitCodes.usage)
  },
})
// Standard error is talk: a command does its work without it, too.
const err = outputOver(process.stderr, { onReaderGone: () => {}, onFailure: () => {} })

// The pool's timers do not keep the process alive, but a command that waits between two attempts must not end.
setInterval(() => {}, 2 ** 30)

const code: ExitCode = await main(process.argv.slice(2), {
  out,
  err,
  input: process.stdin,
  environment: process.env,
  command: commandName(process.argv[1] ?? 'sfpool', process.cwd()),
  directory: process.cwd(),
  now: () => Date.now(),
  stopping: stop.signal,
  ending: end.signal,
  onHangUp: (listener) => {
    process.on('SIGHUP', () => (isTerminalGone(wasInTerminal) ? onSignal() : listener()))
  },
})
await Promise.all([out.drained(), err.drained()])
// Exits explicitly: an idle connection or an open terminal must not keep a finished command alive.
process.exit(code)
