import type { PriceList } from '@sfpool/core'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { openPoolToRead } from '../pool/open-pool.js'
import { ownPrices } from '../prices/own-prices.js'
import { type Refreshed, refreshPrices } from '../prices/refresh-prices.js'
import { count } from '../render/count.js'
import { priceColumns, pricesBySite } from '../render/price-table.js'
import { oneLine, scrub } from '../render/scrub.js'
import { renderTable } from '../render/table.js'
import { wrap } from '../render/wrap.js'

type PricesContext = Context<'from' | 'onlySite' | 'prices'>

/** Prints the prices in use, or imports a new price list. */
export async function prices(context: PricesContext): Promise<ExitCode> {
  const { from } = context.settings
  if (from === undefined) await show(context)
  else printChanges(context, await refreshPrices(context, from))
  return exitCodes.ok
}

async function show(context: PricesContext): Promise<void> {
  const { settings } = context
  // Read from the pool itself, so that these are the prices that calls are billed with.
  const own = await ownPrices(settings.prices)
  const memory = { ...settings, prices: own?.list, store: { kind: 'memory' } as const }
  await using pool = await openPoolToRead({ settings: memory, origins: context.origins })
  const [first, ...others] = pool.prices.lists
  if (first === undefined) return
  if (settings.json) return context.printJson(ofSite(first, settings.onlySite))
  const place = own === null ? 'the list that comes with sfpool' : (own.path ?? context.origins.prices ?? '')
  await printList(context, first, `PRICES OF ${first.date} (${oneLine(place)})`)
  for (const list of others) {
    const head = `OTHERS, OF ${list.date} (the list that comes with sfpool)`
    await printList(context, list, head, (model, site, price) => {
      const counting = pool.prices.of(model, site)
      return counting?.price === price && counting.date === list.date && counting.source === list.source
    })
  }
  context.say('prices of input, cached input and output are per million tokens')
}

function ofSite(list: PriceList, site: string | undefined): PriceList {
  if (site === undefined) return list
  const sites = Object.entries(list.sites).filter(([name]) => name === site)
  return { ...list, sites: Object.fromEntries(sites) }
}

async function printList(
  context: PricesContext,
  list: PriceList,
  head: string,
  isShown: Parameters<typeof pricesBySite>[1] = () => true,
): Promise<void> {
  const { terminal, paint, settings } = context
  const maxWidth = terminal.out.columns()
  const sites = pricesBySite(ofSite(list, settings.onlySite), isShown)
  if (sites.length === 0) return
  context.print(paint.bold(wrap(head, maxWidth, 2)))
  context.print(wrap(`from ${oneLine(scrub(list.source))}`, maxWidth, 2))
  for (const { site, currency, rows } of sites) {
    const isTimed = rows.some(({ line }) => line !== 'free' && line.hours !== undefined)
    const clock = isTimed ? `, hours of UTC${list.zone ?? '+00:00'}` : ''
    context.print(`\n${paint.bold(site)}, in ${currency}${clock}`)
    for await (const lines of renderTable(rows, priceColumns, { maxWidth, paint })) context.print(lines)
  }
  context.print('')
}

function printChanges(context: PricesContext, { path, before, after, changes }: Refreshed): void {
  const { added, changed, gone } = changes
  const origin = (list: PriceList) => ({ date: list.date, source: list.source })
  if (context.settings.json) {
    const dates = { before: before === null ? null : origin(before), after: origin(after) }
    return context.printJson({ path, ...dates, new: added, changed, gone })
  }
  const counts = `${count(added.length, 'model')} new, ${changed.length} changed, ${gone.length} gone`
  context.print(`${path}: ${counts}; ${before?.date ?? 'no list'} -> ${after.date}`)
  for (const name of added) context.detail(`new      ${oneLine(name)}`)
  for (const name of changed) context.detail(`changed  ${oneLine(name)}`)
  for (const name of gone) context.detail(`gone     ${oneLine(name)}`)
  if (before !== null && after.date < before.date) context.say('the new list is older than the previous one')
  context.say('a running server uses the new list after a restart')
}
