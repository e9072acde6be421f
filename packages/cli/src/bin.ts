#!/usr/bin/env node
import { type ExitCode, exitCodes } from './exit-code.js'
import { main } from './program.js'
import { commandName, outputOver } from './terminal.js'

const stop = new AbortController()
const end = new AbortController()

// Under npm a Ctrl-C arrives twice, once from the terminal and once from npm; that is one wish, not two.
const duplicateSignalMs = 300
// What a second wish leaves to a command that can still put its things in order.
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

/** A reader that closed the pipe early has all it wanted. */
const onReaderGone = (): void => process.exit(exitCodes.ok)

const out = outputOver(process.stdout, onReaderGone)
const err = outputOver(process.stderr, onReaderGone)

// The pool's own timers do not hold a process; one that waits between two attempts must not end in the middle.
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
})
await Promise.all([out.drained(), err.drained()])
// Not left to the event loop: an idle connection or a waiting terminal must not keep a finished command alive.
process.exit(code)
