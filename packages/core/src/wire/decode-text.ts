/**
 * The text of a body: by its byte order mark, by the charset of its content type, by the zeros that UTF-16 has between
 * Latin letters, else as UTF-8. The mark itself is no part of the text.
 */
export function decodeText(bytes: Uint8Array, contentType?: string): string {
  const encoding = markedEncoding(bytes) ?? labelledEncoding(contentType) ?? zeroedEncoding(bytes) ?? 'utf-8'
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    // A charset that nobody knows.
    return new TextDecoder().decode(bytes)
  }
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return first === 0xef && second === 0xbb && third === 0xbf ? 'utf-8' : undefined
}

const labelledEncoding = (contentType: string | undefined): string | undefined =>
  contentType === undefined ? undefined : /\bcharset\s*=\s*"?([\w:.-]+)/i.exec(contentType)?.[1]

function zeroedEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le'
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? 'utf-16be' : undefined
}
