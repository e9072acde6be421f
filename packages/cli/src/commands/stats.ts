import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { renderStats } from '../render/stats-text.js'
import { adminKeyOf } from '../serve/access-keys.js'
import { readServerStats } from '../stats/server-stats.js'
import type { StatsReport } from '../stats/stats-report.js'
import { readStoreStats } from '../stats/store-stats.js'

type StatsSetting = 'url' | 'adminKey' | 'adminKeyFile' | 'watch' | 'prices'
type StatsContext = Context<StatsSetting>

const watchIntervalMs = 2_000
/** Moves to the top left and clears everything below, which flickers less than clearing the whole screen. */
const toTop = '\u001b[H\u001b[J'

/** Prints usage figures of the keys: once, or with `--watch` until the user stops the command. */
export async function stats(context: StatsContext): Promise<ExitCode> {
  const { settings, terminal } = context
  if (!settings.watch) {
    await print(context, await read(context))
    return exitCodes.ok
  }
  const isScreen = terminal.out.isTTY && !settings.json
  for (let isFirst = true; ; isFirst = false) {
    const report = await readAgain(context, isFirst)
    if (report !== undefined) {
      if (isScreen) terminal.out.write(isFirst ? `\u001b[2J${toTop}` : toTop)
      await print(context, report)
    }
    // Rejects when the user stops the command, which ends it.
    await sleep(watchIntervalMs, undefined, { signal: terminal.stopping })
  }
}

async function read(context: StatsContext): Promise<StatsReport> {
  const { settings, terminal } = context
  const { url } = settings
  if (url === undefined) return readStoreStats(context)
  return readServerStats({ url, adminKey: await adminKeyOf(settings), signal: terminal.stopping })
}

/** Reads the figures again. After the first success, a server that restarts must not end the watch. */
async function readAgain(context: StatsContext, isFirst: boolean): Promise<StatsReport | undefined> {
  try {
    return await read(context)
  } catch (error) {
    if (isFirst || context.terminal.stopping.aborted) throw error
    context.say(error instanceof Error ? error.message : String(error))
    return undefined
  }
}

async function print(context: StatsContext, report: StatsReport): Promise<void> {
  const { settings, terminal, paint } = context
  if (settings.json) return context.print(JSON.stringify(report.json))
  const layout = { maxWidth: terminal.out.columns(), paint, now: terminal.now() }
  for await (const lines of renderStats(report, layout)) context.print(lines)
}
