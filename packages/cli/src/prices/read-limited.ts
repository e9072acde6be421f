import { CliError } from '../cli-error.js'
import { count } from '../render/count.js'

/** Bytes that a list of prices may have. One of all models of SiliconFlow has less than a hundredth of them. */
export const priceListLimit = 16_000_000

/** All that comes, as text. Throws a `CliError` naming the source when that is too much, or no text. */
export async function readLimited(source: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    // Leaving the loop also stops whoever sends.
    if (size > priceListLimit) throw new CliError(`${name} has more than ${count(priceListLimit, 'byte')}`)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (error) {
    throw new CliError(`${name} holds something else than text in UTF-8`, { cause: error })
  }
}
