import type { Context } from '../context.js'
import { count } from '../render/count.js'

type HangUpContext = Pick<Context, 'say'> & { readonly terminal: Pick<Context['terminal'], 'onHangUp'> }

/**
 * Reads the keys again on each SIGHUP. A server listens for it from its first moment, because a SIGHUP that nobody
 * listens for ends the process; one that comes before the keys are there is kept until they are.
 */
export class HangUps {
  readonly #say: (text: string) => void
  #reload: (() => Promise<number>) | undefined
  #isMissed = false

  constructor({ terminal, say }: HangUpContext) {
    this.#say = say
    terminal.onHangUp(() => {
      if (this.#reload === undefined) this.#isMissed = true
      else void this.#run(this.#reload)
    })
  }

  /** From now on the keys can be read again. */
  handle(reload: () => Promise<number>): void {
    this.#reload = reload
    if (this.#isMissed) void this.#run(reload)
  }

  async #run(reload: () => Promise<number>): Promise<void> {
    try {
      this.#say(`SIGHUP: keys read again; ${count(await reload(), 'key')} in the pool`)
    } catch (error) {
      this.#say(
        `SIGHUP: ${error instanceof Error ? error.message : String(error)}; keeping the keys as they are`,
      )
    }
  }
}
