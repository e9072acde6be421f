/** An escape of one sign of ASCII, once or more often: in JSON, C, a URL or HTML. */
const escaped = /(?:\\{1,8}(?:u00|x)|%(?:25)*|&#x0*)([2-7][\da-f]);?|&#0*(\d{2,3});?/gi
const mayHoldEscapes = /[\\%&]/

/**
 * The text without the escapes of letters that need none, in which a key can hide: no two of its letters need to be
 * escaped alike. Escapes of signs stay, since these may mean something where they stand.
 */
export function plainLetters(text: string): string {
  if (!mayHoldEscapes.test(text)) return text
  return text.replace(escaped, (found, hexadecimal?: string, decimal?: string) => {
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)
    const letter = String.fromCharCode(code)
    return /[\w.~-]/.test(letter) ? letter : found
  })
}
