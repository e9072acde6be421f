import type { Terminal } from '../terminal.js'

/** A line of talk that changes in place, and leaves no trace. */
export interface Spinner {
  /** Whether anybody sees it. */
  readonly isVisible: boolean
  /** The text is made when it is drawn, which is not as often as it changes. */
  show(text: () => string): void
  /** Runs something that prints, with the line out of the way. */
  aside(print: () => Promise<void>): Promise<void>
  stop(): void
}

const silent: Spinner = { isVisible: false, show: () => {}, aside: (print) => print(), stop: () => {} }

/** No more often than this is the text made anew, in milliseconds. */
const redrawMs = 80

/** A spinner on standard error; one that does nothing where there is no terminal, or nobody wants to be talked to. */
export async function createSpinner(
  { err, out, now }: Terminal,
  { isWanted, isColored }: { readonly isWanted: boolean; readonly isColored: boolean },
): Promise<Spinner> {
  if (!isWanted || !err.isTTY) return silent
  const { default: ora } = await import('ora')
  // The terminal stays as it is: Ctrl-C must reach us as a signal, not as a key that a library swallows.
  const spinner = ora({ stream: err.stream, discardStdin: false, color: isColored && 'cyan' }).start()
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
      // What goes elsewhere than to the terminal disturbs nothing.
      if (!out.isTTY) return print()
      spinner.clear()
      await print()
      spinner.render()
    },
    stop: () => spinner.stop(),
  }
}
