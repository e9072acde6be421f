import { createInterface } from 'node:readline'
import type { Terminal } from '../terminal.js'

/** Asks for one line on the terminal. The answer is empty when the input ends. Rejects when the user interrupts. */
export function ask(question: string, { input, err, stopping }: Terminal): Promise<string> {
  // Not `terminal: true`: readline would take Ctrl-C for itself and leave the terminal in raw mode.
  const lines = createInterface({ input, terminal: false })
  return new Promise<string>((resolve, reject) => {
    const leave = (): void => {
      // The next message starts on its own line, not beside the question.
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
