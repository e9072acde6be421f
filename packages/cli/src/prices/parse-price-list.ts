import type { PriceList, PricingItem } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import { count } from '../render/count.js'
import { oneLine } from '../render/scrub.js'

/** Parses a price list from JSON or YAML. Throws a `CliError` that names the source, the option and the broken rule. */
export async function parsePriceList(text: string, name: string): Promise<PriceList> {
  return checked(await parsed(text, name), name)
}

/**
 * Parses a price list to import. It may also be `pricingApiItems`, SiliconFlow's own table, which gets its date and source
 * here. A list without any price is refused.
 */
export async function importPriceList(
  text: string,
  { name, ...origin }: { readonly name: string; readonly date: string; readonly source: string },
): Promise<PriceList> {
  const content = await parsed(text, name)
  const items = pricingItemsOf(content)
  const { readPricingItems } = await import('@sfpool/core')
  const list = await checked(items === undefined ? content : readPricingItems(items, origin), name)
  if (Object.values(list.sites).some(({ models }) => Object.keys(models).length > 0)) return list
  const what =
    items === undefined ? 'prices.sites has no model' : `there is no price in ${count(items.length, 'item')}`
  throw new CliError(`${name}: ${what}`)
}

async function checked(given: unknown, name: string): Promise<PriceList> {
  if (Array.isArray(given)) throw new CliError(`${name}: prices must be an object of date, source and sites`)
  const { checkPriceList, siliconflow } = await import('@sfpool/core')
  const list = ((): PriceList => {
    try {
      return checkPriceList(given, 'prices')
    } catch (error) {
      throw new CliError(`${name}: ${oneLine(error instanceof Error ? error.message : String(error))}`, {
        cause: error,
      })
    }
  })()
  const sites = Object.keys(siliconflow().sites)
  const unknown = Object.keys(list.sites).find((site) => !sites.includes(site))
  if (unknown === undefined) return list
  throw new CliError(
    `${name}: prices.sites must be of ${sites.join(', ')}; received ${oneLine(JSON.stringify(unknown))}`,
  )
}

/** The YAML parser takes seconds per million characters and cannot be interrupted. */
const yamlLimit = 1_000_000

async function parsed(text: string, name: string): Promise<unknown> {
  const start = text.trimStart()
  if (start === '') throw new CliError(`${name} is empty`)
  if (start.startsWith('<')) {
    throw new CliError(`${name} is a web page, not a price list`, {
      hint: 'Give a price list, or the table pricingApiItems from that page, as JSON',
    })
  }
  try {
    return JSON.parse(text)
  } catch {
    // The YAML parser below reports line and column of the fault; JSON.parse would quote the text around it.
  }
  if (text.length > yamlLimit)
    throw new CliError(`${name} is not JSON, and YAML may have at most ${count(yamlLimit, 'character')}`)
  const { parse } = await import('yaml')
  try {
    return parse(text)
  } catch (error) {
    const [fault = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new CliError(`${name} is neither JSON nor YAML: ${oneLine(fault).replace(/:$/, '')}`, {
      cause: error,
    })
  }
}

/** Finds SiliconFlow's table, alone or in an object under its name; undefined when the content is something else. */
function pricingItemsOf(content: unknown): readonly PricingItem[] | undefined {
  const named = isObject(content) && !Array.isArray(content) ? content.pricingApiItems : undefined
  const table = named ?? content
  if (!Array.isArray(table)) return undefined
  return table.some((item) => isObject(item) && 'playgroundName' in item) ? table.filter(isObject) : undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
