/**
 * Removes secrets from foreign text, such as an error that repeats an argument or a message of the upstream. Text that
 * looks like an API key is masked, and an address loses its credentials.
 */
export function scrub(text: string): string {
  return text
    .replace(/\bsk-[\w-]{12,}/gi, (secret) => `${secret.slice(0, 5)}…${secret.slice(-4)}`)
    .replace(/\/\/[^/@\s]+@/g, '//…@')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression removes control characters
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g

/** Returns the text as one line without control characters, which could move the cursor or recolour a terminal. */
export function oneLine(text: string): string {
  return text.replace(controls, ' ').trim()
}
