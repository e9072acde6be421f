const tokensPerMessage = 4
const tokensPerMedium = 256

/** What messages cost beside their text: the frame of each, and the pictures and sounds in them. */
export function framingTokens(messageCount: number, mediumCount: number): number {
  return messageCount * tokensPerMessage + mediumCount * tokensPerMedium
}

/**
 * A rough count that is the same every time: a token is about four characters of Latin text, or one character of any
 * other script.
 */
export function countTokens(text: string): number {
  let latin = 0
  let others = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0x300) latin += 1
    // The second half of a surrogate pair belongs to the character already counted.
    else if (unit < 0xdc00 || unit > 0xdfff) others += 1
  }
  return Math.ceil(latin / 4) + others
}
