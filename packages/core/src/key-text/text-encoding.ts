/** An encoding that a key text may have. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32'

/** Bytes that are enough to tell an encoding by. */
export const enoughBytes = 4

const marks: readonly (readonly [TextEncoding, readonly number[]])[] = [
  ['utf-32', [0xff, 0xfe, 0, 0]],
  ['utf-32', [0, 0, 0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** At most this many bytes at the beginning are looked at. */
const sampleBytes = 4_096

/**
 * Tells the encoding of a text by its byte order mark or else by its NULs: keys are ASCII, of which UTF-16 makes every
 * other byte NUL, and UTF-32 three of four.
 */
export function textEncoding(bytes: Uint8Array): TextEncoding {
  for (const [encoding, mark] of marks) if (mark.every((byte, at) => bytes[at] === byte)) return encoding
  const nuls = [0, 0, 0, 0]
  const end = Math.min(bytes.length, sampleBytes)
  for (let at = 0; at < end; at++) if (bytes[at] === 0) nuls[at % 4] = (nuls[at % 4] ?? 0) + 1
  const [first = 0, second = 0, third = 0, fourth = 0] = nuls
  const even = first + third
  const odd = second + fourth
  // Of other scripts than Latin, only a few characters have a NUL, and on the other side.
  if (odd > 4 * even && odd * 10 >= end / 2) return 'utf-16le'
  if (even > 4 * odd && even * 10 >= end / 2) return 'utf-16be'
  const isWide = Math.min(second, third) * 8 > end && Math.min(first, fourth) * 8 <= end
  return isWide && Math.max(first, fourth) * 8 > end ? 'utf-32' : 'utf-8'
}
