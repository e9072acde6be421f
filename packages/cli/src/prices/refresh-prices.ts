import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { addAbortSignal } from 'node:stream'
import type { PriceList } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import { userPaths } from '../config/user-paths.js'
import type { Context } from '../context.js'
import { fetchText, shownAddress } from './fetch-text.js'
import { importPriceList } from './parse-price-list.js'
import { type PriceChanges, priceChanges } from './price-changes.js'
import { exists, readPriceFile, readPriceText, writePriceFile } from './price-file.js'

/** The result of an import: the user's price file before and after. */
export interface Refreshed {
  readonly path: string
  /** The list in the file before; null when there was no file. */
  readonly before: PriceList | null
  readonly after: PriceList
  readonly changes: PriceChanges
}

/** Imports a price list into the user's file. The file stays unchanged when anything is wrong. */
export async function refreshPrices(
  context: Context<'onlySite' | 'prices'>,
  from: string,
): Promise<Refreshed> {
  const { settings, origins, terminal } = context
  const path = targetOf(settings.prices, origins.prices)
  const { text, name, at } = await readSource(from, context)
  const after = await importPriceList(text, {
    name,
    date: dayOf(Math.min(at ?? terminal.now(), terminal.now())),
    source: /^https?:/i.test(from) ? name : basename(name),
  })
  assertSite(after, name, settings.onlySite)
  const before = await heldBy(path)
  if (path === userPaths().pricesFile) await mkdir(userPaths().directory, { recursive: true, mode: 0o700 })
  terminal.stopping.throwIfAborted()
  await writePriceFile(path, after)
  return { path, before, after, changes: priceChanges(before, after) }
}

function targetOf(setting: unknown, origin: string | undefined): string {
  if (setting === undefined) return userPaths().pricesFile
  if (typeof setting === 'string') return setting
  throw new CliError(`the prices are written in the settings themselves (from ${origin ?? 'prices'})`, {
    hint: 'Put them into a separate file and name it with prices: <path>; then --from can update that file',
  })
}

interface ReadSource {
  readonly text: string
  /** The name of the source in messages. */
  readonly name: string
  /** When the source was last changed, in milliseconds since the Unix epoch; null when unknown. */
  readonly at: number | null
}

async function readSource(from: string, { terminal }: Context): Promise<ReadSource> {
  const { input, stopping } = terminal
  if (from === '-') {
    const name = 'standard input'
    return { text: await readPriceText(addAbortSignal(stopping, input), name), name, at: null }
  }
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(from)) {
    const text = await readPriceText(addAbortSignal(stopping, createReadStream(from)), from)
    return { text, name: from, at: (await stat(from)).mtimeMs }
  }
  const address = URL.canParse(from) ? new URL(from) : null
  // The message does not repeat the value, which may contain credentials.
  if (address === null || !/^https?:$/.test(address.protocol))
    throw new CliError('--from must be an http or https URL, a file, or - for standard input')
  const { text, changedAt } = await fetchText(address, { signal: stopping })
  return { text, name: shownAddress(address), at: changedAt }
}

/** Returns the date in the provider's time zone, which applies to prices. */
function dayOf(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 10)
}

function assertSite(list: PriceList, name: string, site: string | undefined): void {
  if (site === undefined || Object.hasOwn(list.sites, site)) return
  throw new CliError(
    `${name} has no prices for the site ${site}, only for ${Object.keys(list.sites).join(', ')}`,
  )
}

/** Reads the current list. A file that is not a price list is not overwritten: the setting may name the wrong file. */
async function heldBy(path: string): Promise<PriceList | null> {
  if (!(await exists(path))) return null
  try {
    return await readPriceFile(path)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    throw new CliError(error.message, {
      hint: 'The file is not overwritten; correct it or remove it first',
      cause: error,
    })
  }
}
