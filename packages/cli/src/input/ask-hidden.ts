import { StringDecoder } from 'node:string_decoder'
import type { Terminal } from '../terminal.js'

/** The input of a terminal, which can be told not to show what is typed. */
export type HiddenInput = Terminal['input'] & { setRawMode?(isRaw: boolean): unknown }

interface AskHidden extends Pick<Terminal, 'err' | 'stopping'> {
  readonly input: HiddenInput
  /** Ends the process as Ctrl-C would, which a terminal in raw mode only hands over as a letter. */
  readonly interrupt: () => void
}

const interruptKey = '\u0003'
const endKey = '\u0004'
const eraseKeys = new Set(['\b', '\u007f'])

/**
 * Asks for lines on the terminal without showing them, until an empty line or Ctrl-D: a paste may hold many. Tells how
 * many lines came. Rejects when the user interrupts.
 */
export async function askHidden(question: string, terminal: AskHidden): Promise<string> {
  const { input, err, stopping } = terminal
  err.write(question)
  input.setRawMode?.(true)
  try {
    return await linesOf(terminal)
  } finally {
    input.setRawMode?.(false)
    input.pause()
    // The next message starts on its own line.
    if (!stopping.aborted) err.write('\n')
  }
}

function linesOf({ input, err, stopping, interrupt }: AskHidden): Promise<string> {
  const decoder = new StringDecoder('utf8')
  const lines: string[] = []
  let line = ''
  let last = ''
  return new Promise<string>((resolve, reject) => {
    const finish = (): void => {
      input.off('data', onData)
      input.off('end', onEnd)
      stopping.removeEventListener('abort', leave)
    }
    const leave = (): void => {
      finish()
      err.write('\n')
      reject(stopping.reason)
    }
    const onEnd = (): void => {
      finish()
      resolve([...lines, line].join('\n'))
    }
    const onData = (chunk: Buffer | string): void => {
      for (const letter of typeof chunk === 'string' ? chunk : decoder.write(chunk)) {
        // A line may end with both.
        const isSecondHalf = letter === '\n' && last === '\r'
        last = letter
        if (isSecondHalf) continue
        if (letter === interruptKey) return interrupt()
        if (letter === endKey || (line === '' && isLineEnd(letter) && lines.length > 0)) return onEnd()
        if (eraseKeys.has(letter)) line = line.slice(0, -1)
        else if (!isLineEnd(letter)) line += letter
        else if (line !== '') {
          lines.push(line)
          line = ''
          err.write(`\r${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`)
        }
      }
    }
    stopping.addEventListener('abort', leave, { once: true })
    input.on('data', onData)
    input.on('end', onEnd)
    input.resume()
  })
}

const isLineEnd = (letter: string): boolean => letter === '\r' || letter === '\n'
