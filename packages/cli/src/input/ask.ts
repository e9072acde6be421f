import { createInterface } from 'node:readline'
import type { Terminal } from '../terminal.js'

/** Asks for one line on the terminal. An empty answer when the input ends; rejects when the user interrupts. */
export function ask(question: string, { input, err, stopping }: Terminal): Promise<string> {
  // Not `terminal: true`: readline would take Ctrl-C for itself and leave the terminal in raw mode.
  const lines = createInterface({ input, terminal: false })
  return new Promise<string>((resolve, reject) => {
    const leave = (): void => {
      // What is said next shall not stand beside the question.
      err.write('\n')
      reject(stopping.reason)
    }
    stopping.addEventListener('abort', leave, { once: true })
    lines.once('line', resolve)
    lines.once('close', () => resolve(''))
    err.write(question)
  }).finally(() => {
    lines.close()
    input.pause()
  })
}
