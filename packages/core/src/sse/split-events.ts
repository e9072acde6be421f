const lf = 0x0a
const cr = 0x0d

/**
 * Splits bytes into events, each with the blank line that ends it, for lines that end with LF, CRLF or CR. The bytes
 * behind the last blank line are the last event.
 */
export function splitEvents(bytes: Buffer): Buffer[] {
  const events: Buffer[] = []
  let start = 0
  let lineStart = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== lf && byte !== cr) continue
    const isBlank = at === lineStart
    if (byte === cr && bytes[at + 1] === lf) at++
    lineStart = at + 1
    if (!isBlank) continue
    events.push(bytes.subarray(start, lineStart))
    start = lineStart
  }
  if (start < bytes.length) events.push(bytes.subarray(start))
  return events
}

/** The data of one event; undefined for an event without data. */
export function dataOf(event: string): string | undefined {
  let data: string | undefined
  for (const line of event.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    if (!line.startsWith('data:')) continue
    const value = line.slice(line[5] === ' ' ? 6 : 5)
    data = data === undefined ? value : `${data}\n${value}`
  }
  return data
}
