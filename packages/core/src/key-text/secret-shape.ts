import { isMasked } from './is-masked.js'

const certainSecret = /^sk-[A-Za-z0-9_-]{16,}$/
const possibleSecret = /^[A-Za-z0-9_.-]{20,}$/

/** Whether a text has the shape of an API key: `certain` with the prefix `sk-`, `possible` as any provider's token. */
export function secretShape(text: string): 'certain' | 'possible' | null {
  if (certainSecret.test(text)) return 'certain'
  if (!possibleSecret.test(text) || text.startsWith('sk-') || isMasked(text)) return null
  // A rule of dashes and a number are long too. Without enough letters and digits they are no token.
  const isToken = /[A-Za-z]/.test(text) && text.replace(/[^A-Za-z0-9]/g, '').length >= 12
  return isToken ? 'possible' : null
}
