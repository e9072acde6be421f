import { closeSync, openSync } from 'node:fs'

/**
 * Whether a process that was started in a terminal has lost it: then SIGHUP means that the window or the connection was
 * closed, and otherwise that an operator asks for something.
 */
export function isTerminalGone(wasInTerminal: boolean): boolean {
  if (process.platform === 'win32') return true
  if (!wasInTerminal) return false
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return false
  } catch {
    return true
  }
}
