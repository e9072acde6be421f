const tokensPerMessage = 4
const tokensPerMedium = 256

/** Counts the tokens of messages beside their text: a frame per message, and their images and audio. */
export function framingTokens(messageCount: number, mediumCount: number): number {
  return messageCount * tokensPerMessage + mediumCount * tokensPerMedium
}

/**
 * Estimates the tokens of a text, always with the same result: a token is about four characters of Latin text, or one
 * character of any other script.
 */
export function countTokens(text: string): number {
  let latin = 0
  let others = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 0x300) latin += 1
    // The second half of a surrogate pair belongs to a character that is already counted.
    else if (unit < 0xdc00 || unit > 0xdfff) others += 1
  }
  return Math.ceil(latin / 4) + others
}
