import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { renderFigures } from '../render/figures-text.js'
import { renderStats } from '../render/stats-text.js'
import { adminKeyOf } from '../serve/access-keys.js'
import type { ServerAddress } from '../stats/ask-server.js'
import { readServerStats } from '../stats/server-stats.js'
import { readStoreStats } from '../stats/store-stats.js'
import { figuresJson, readServerFigures, readStoreFigures } from '../stats/window-figures.js'

type StatsSetting = 'url' | 'adminKey' | 'adminKeyFile' | 'watch' | 'window' | 'by' | 'prices'
type StatsContext = Context<StatsSetting>

const watchIntervalMs = 2_000
/** Moves to the top left and clears everything below, which flickers less than clearing the whole screen. */
const toTop = '\u001b[H\u001b[J'

/** Figures, ready to be printed either way. */
interface Shown {
  readonly json: unknown
  readonly text: () => AsyncGenerator<string, void, undefined>
}

/** Prints usage figures: once, or with `--watch` until the user stops the command. */
export async function stats(context: StatsContext): Promise<ExitCode> {
  const { settings, terminal } = context
  if (!settings.watch) {
    await print(context, await read(context))
    return exitCodes.ok
  }
  const isScreen = terminal.out.isTTY && !settings.json
  for (let isFirst = true; ; isFirst = false) {
    const shown = await readAgain(context, isFirst)
    if (shown !== undefined) {
      if (isScreen) terminal.out.write(isFirst ? `\u001b[2J${toTop}` : toTop)
      await print(context, shown)
    }
    // Rejects when the user stops the command, which ends it.
    await sleep(watchIntervalMs, undefined, { signal: terminal.stopping })
  }
}

/** The figures of a window when one is asked for, else those since the beginning. */
async function read(context: StatsContext): Promise<Shown> {
  const { settings, terminal, paint } = context
  const { window, by } = settings
  const server = await serverOf(context)
  const layout = () => ({ maxWidth: terminal.out.columns(), paint, now: terminal.now() })
  if (window === undefined && by === undefined) {
    const report = await (server === null ? readStoreStats(context) : readServerStats(server))
    return { json: report.json, text: () => renderStats(report, layout()) }
  }
  const question = { window: window ?? '1h', by: by ?? 'key' } as const
  const report = await (server === null
    ? readStoreFigures(context, question)
    : readServerFigures(server, question))
  return { json: figuresJson(report), text: () => renderFigures(report, layout()) }
}

async function serverOf({ settings, terminal }: StatsContext): Promise<ServerAddress | null> {
  const { url } = settings
  return url === undefined ? null : { url, adminKey: await adminKeyOf(settings), signal: terminal.stopping }
}

/** Reads the figures again. After the first success, a server that restarts must not end the watch. */
async function readAgain(context: StatsContext, isFirst: boolean): Promise<Shown | undefined> {
  try {
    return await read(context)
  } catch (error) {
    if (isFirst || context.terminal.stopping.aborted) throw error
    context.say(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

async function print(context: StatsContext, { json, text }: Shown): Promise<void> {
  if (context.settings.json) return context.print(JSON.stringify(json))
  for await (const lines of text()) context.print(lines)
}
