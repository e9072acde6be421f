/**
 * Removes secrets from foreign text, such as an error that repeats an argument or a message of the upstream, and what
 * would act on a terminal. Text that looks like an API key is masked, and an address loses its credentials.
 */
export function scrub(text: string): string {
  return withoutControls(text)
    .replace(/\bsk-[\w-]{12,}/gi, (secret) => `${secret.slice(0, 5)}…${secret.slice(-4)}`)
    .replace(/\/\/[^/@\s]+@/g, '//…@')
}

/** What moves a cursor, recolours a terminal, turns the direction of writing or cannot be seen. */
const unseen =
  '\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb'
const controls = new RegExp(`[\\u0000-\\u001f${unseen}]+`, 'g')
const controlsInLines = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f${unseen}]+`, 'g')

/** Returns the text without control characters; lines and tabs stay. */
export function withoutControls(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(controlsInLines, ' ')
}

/** Returns the text as one line without control characters, which could move the cursor or recolour a terminal. */
export function oneLine(text: string): string {
  return text.replace(controls, ' ').trim()
}
