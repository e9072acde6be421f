import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { renderFigures } from '../render/figures-text.js'
import { renderStats } from '../render/stats-text.js'
import { type Shown, showWatching } from '../render/watching.js'
import { adminKeyOf } from '../serve/access-keys.js'
import type { ServerAddress } from '../stats/ask-server.js'
import { readServerStats } from '../stats/server-stats.js'
import { readStoreStats } from '../stats/store-stats.js'
import { figuresJson, readServerFigures, readStoreFigures } from '../stats/window-figures.js'

type StatsSetting = 'url' | 'adminKey' | 'adminKeyFile' | 'watch' | 'window' | 'by' | 'prices'
type StatsContext = Context<StatsSetting>

/** Prints usage figures: once, or with `--watch` until the user stops the command. */
export async function stats(context: StatsContext): Promise<ExitCode> {
  await showWatching(context, () => read(context))
  return exitCodes.ok
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
