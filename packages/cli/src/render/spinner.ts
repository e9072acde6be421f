import type { Output, Terminal } from '../terminal.js'

/** A status line that changes in place and disappears at the end. */
export interface Spinner {
  /** Whether the status line is shown. */
  readonly isVisible: boolean
  /** Sets the text. `text` is called only when the line is redrawn, which is less often than it changes. */
  show(text: () => string): void
  /** Hides the status line while `print` runs. */
  aside(print: () => Promise<void>): Promise<void>
  stop(): void
}

const silent: Spinner = { isVisible: false, show: () => {}, aside: (print) => print(), stop: () => {} }

/** The shortest time between two redraws, in milliseconds. */
const redrawMs = 80

/** Whether a line can change in place there: not in a log of CI, nor on a terminal that cannot move its cursor. */
const canRedraw = ({ err, environment }: Terminal): boolean =>
  err.isTTY && environment.TERM !== 'dumb' && environment.CI === undefined

/** Creates a spinner on standard error. It does nothing without a terminal or when `isWanted` is false. */
export async function createSpinner(
  terminal: Terminal,
  { isWanted, isColored }: { readonly isWanted: boolean; readonly isColored: boolean },
): Promise<Spinner> {
  const { err, out, now } = terminal
  if (!isWanted || !canRedraw(terminal)) return silent
  const { default: ora } = await import('ora')
  // The terminal mode stays unchanged: Ctrl-C must arrive as a signal, not as a key that the library swallows.
  const spinner = ora({
    stream: withSaneColumns(err),
    discardStdin: false,
    // Decided already. The library itself would ask this process's environment.
    isEnabled: true,
    color: isColored && 'cyan',
  }).start()
  let shownAt = Number.NEGATIVE_INFINITY
  return {
    isVisible: true,
    show: (text) => {
      const at = now()
      if (at - shownAt < redrawMs) return
      shownAt = at
      spinner.text = text()
    },
    async aside(print) {
      // Output that goes to a file or a pipe does not disturb the status line.
      if (!out.isTTY) return print()
      spinner.clear()
      await print()
      spinner.render()
    },
    stop: () => spinner.stop(),
  }
}

/** The stream with a width that the library can divide by, also after the terminal was resized to nothing. */
function withSaneColumns({ stream, columns }: Output): NodeJS.WritableStream {
  return new Proxy(stream, {
    get(target, name) {
      if (name === 'columns') return columns()
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
