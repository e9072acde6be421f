import { CliError } from '../cli-error.js'
import { count } from '../render/count.js'

/** The size limit of a price list in bytes. A list of all SiliconFlow models needs less than a hundredth of it. */
export const priceListLimit = 16_000_000

/** Reads a source as text. Throws a `CliError` that names the source when it is too large or not text. */
export async function readLimited(source: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    // Leaving the loop also stops the sender.
    if (size > priceListLimit) throw new CliError(`${name} has more than ${count(priceListLimit, 'byte')}`)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (error) {
    throw new CliError(`${name} is not UTF-8 text`, { cause: error })
  }
}
