/** The longest head of a part, in bytes; real ones have a few hundred. */
const longestHead = 4096

/** The boundary in a form's content type; null for another content type. */
export function boundaryOf(contentType: string | undefined): string | null {
  if (contentType === undefined) return null
  const found = /^multipart\/.*;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  return found === null ? null : (found[1] ?? found[2] ?? null)
}

/** Whether the head of a part names the field `model`. */
export const isModelField = (head: string): boolean =>
  /^content-disposition:.*;\s*name="?model"?\s*(?:;|$)/im.test(head)

/** Sets the field `model` of a form, or puts it in front when there is none; null for a form that is cut off. */
export function rewriteForm(bytes: Buffer, boundary: string, model: string): Buffer | null {
  if (/[\r\n]/.test(model)) return null
  const value = Buffer.from(model)
  const pieces: Buffer[] = []
  let at = 0
  let part = nextDelimiter(bytes, boundary, 0)
  const first = part
  while (part !== null && !part.isLast) {
    const headEnd = endOfHead(bytes, part.end)
    const next = headEnd === -1 ? null : nextDelimiter(bytes, boundary, headEnd - 2)
    if (next === null) return null
    if (isModelField(bytes.toString('latin1', part.end, headEnd))) {
      pieces.push(bytes.subarray(at, headEnd), value)
      at = next.start
    }
    part = next
  }
  if (first === null || part === null) return null
  if (pieces.length > 0) return Buffer.concat([...pieces, bytes.subarray(at)])
  const head = Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="model"\r\n\r\n`, 'latin1')
  const field = Buffer.concat([head, value, Buffer.from('\r\n')])
  return Buffer.concat([bytes.subarray(0, first.dashes), field, bytes.subarray(first.dashes)])
}

interface Delimiter {
  /** The index where the delimiter begins, the line end before it included. */
  readonly start: number
  readonly dashes: number
  /** The index where the part behind the delimiter begins. */
  readonly end: number
  readonly isLast: boolean
}

/** The next line that consists of the boundary. A file may hold the same bytes within a line. */
function nextDelimiter(bytes: Buffer, boundary: string, from: number): Delimiter | null {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1')
  for (let at = bytes.indexOf(delimiter, from); at !== -1; at = bytes.indexOf(delimiter, at + 1)) {
    if (at !== 0 && bytes.toString('latin1', at - 2, at) !== '\r\n') continue
    const start = Math.max(at - 2, 0)
    const behind = at + delimiter.length
    if (bytes.toString('latin1', behind, behind + 2) === '--')
      return { start, dashes: at, end: bytes.length, isLast: true }
    const lineEnd = bytes.indexOf('\r\n', behind)
    if (lineEnd !== -1 && /^[ \t]*$/.test(bytes.toString('latin1', behind, Math.min(lineEnd, behind + 64))))
      return { start, dashes: at, end: lineEnd + 2, isLast: false }
  }
  return null
}

/** The index where the content of a part begins; -1 when its head has no end. */
function endOfHead(bytes: Buffer, from: number): number {
  // A part without headers begins with the blank line itself.
  if (bytes[from] === 0x0d && bytes[from + 1] === 0x0a) return from + 2
  const at = bytes.subarray(from, from + longestHead).indexOf('\r\n\r\n')
  return at === -1 ? -1 : from + at + 4
}
