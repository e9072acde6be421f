import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.js'

/** What a command found, ready to be printed either way. */
export interface Shown {
  readonly json: unknown
  readonly text: () => AsyncGenerator<string, void, undefined>
}

const intervalMs = 2_000
/** Moves to the top left and clears everything below, which flickers less than clearing the whole screen. */
const toTop = '\u001b[H\u001b[J'

/** Reads and prints: once, or with `--watch` again every two seconds, until the user stops the command, which rejects. */
export async function showWatching(context: Context<'watch'>, read: () => Promise<Shown>): Promise<void> {
  const { settings, terminal } = context
  if (!settings.watch) return print(context, await read())
  const isScreen = terminal.out.isTTY && !settings.json
  for (let isFirst = true; ; isFirst = false) {
    const shown = await readAgain(context, read, isFirst)
    if (shown !== undefined) {
      if (isScreen) terminal.out.write(isFirst ? `\u001b[2J${toTop}` : toTop)
      await print(context, shown)
    }
    await sleep(intervalMs, undefined, { signal: terminal.stopping })
  }
}

/** After the first success, a server that restarts, or a store in use, must not end the watch. */
async function readAgain(
  { terminal, say }: Context<'watch'>,
  read: () => Promise<Shown>,
  isFirst: boolean,
): Promise<Shown | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isFirst || terminal.stopping.aborted) throw error
    say(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

async function print(context: Context<'watch'>, { json, text }: Shown): Promise<void> {
  if (!context.settings.json) for await (const lines of text()) context.print(lines)
  // A line each, so that a program can read them as they come.
  else if (context.settings.watch) context.print(JSON.stringify(json))
  else context.printJson(json)
}
