import type { Terminal } from '../terminal.js'

/** A line of talk that changes in place, and leaves no trace. */
export interface Spinner {
  show(text: string): void
  /** Runs something that prints, with the line out of the way. */
  aside(print: () => void): void
  stop(): void
}

const silent: Spinner = { show: () => {}, aside: (print) => print(), stop: () => {} }

/** A spinner on standard error; one that does nothing where there is no terminal, or nobody wants to be talked to. */
export async function createSpinner(
  { err }: Terminal,
  { isWanted, isColored }: { readonly isWanted: boolean; readonly isColored: boolean },
): Promise<Spinner> {
  if (!isWanted || !err.isTTY) return silent
  const { default: ora } = await import('ora')
  // The terminal stays as it is: Ctrl-C must reach us as a signal, not as a key that a library swallows.
  const spinner = ora({ stream: err.stream, discardStdin: false, color: isColored && 'cyan' }).start()
  return {
    show: (text) => {
      spinner.text = text
    },
    aside: (print) => {
      spinner.clear()
      print()
      spinner.render()
    },
    stop: () => spinner.stop(),
  }
}
