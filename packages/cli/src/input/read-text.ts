import { openFile, tooLarge } from './open-file.js'

/** Settings and secrets are small. A larger file is something else. */
const usualLimitBytes = 1024 * 1024

/**
 * Reads a small file as text: in UTF-8 or UTF-16, as Windows PowerShell writes it. Rejects with the reason when it
 * cannot be read.
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
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes)
  } catch {
    throw new Error('it is neither UTF-8 nor UTF-16; save it as UTF-8')
  }
}

/** By the byte order mark, or else by the NULs that UTF-16 has beside ASCII, with which settings and secrets begin. */
export function encodingOf([first, second, third, fourth]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le'
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? 'utf-16be' : 'utf-8'
}
