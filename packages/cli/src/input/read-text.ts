import { openFile, tooLarge } from './open-file.js'

/** Settings and secrets are small. A larger file is something else. */
const usualLimitBytes = 1024 * 1024

/**
 * Reads a small file as text: in UTF-8, or in UTF-16 with a byte order mark, as Windows PowerShell writes it. Rejects
 * with the reason when it cannot be read.
 */
export async function readText(path: string, limitBytes: number = usualLimitBytes): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of await openFile(path, limitBytes)) {
    pieces.push(piece as Buffer)
    size += (piece as Buffer).length
    if (size > limitBytes) throw new Error(tooLarge(null, limitBytes))
  }
  const bytes = Buffer.concat(pieces)
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe
  try {
    return new TextDecoder(isWide ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Error('it is not UTF-8; save it as UTF-8')
  }
}
