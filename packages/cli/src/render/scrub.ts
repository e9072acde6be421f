/**
 * Takes secrets out of text that others wrote: an error that repeats an argument, a message of the upstream. Anything
 * that looks like an API key keeps its ends only, and an address loses its credentials.
 */
export function scrub(text: string): string {
  return text
    .replace(/\bsk-[\w-]{12,}/gi, (secret) => `${secret.slice(0, 5)}…${secret.slice(-4)}`)
    .replace(/\/\/[^/@\s]+@/g, '//…@')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this takes out
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g

/** One harmless line: labels and upstream messages must not move the cursor or recolour a terminal. */
export function oneLine(text: string): string {
  return text.replace(controls, ' ').trim()
}
