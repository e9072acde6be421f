/**
 * `sk-ab…wxyz`: enough to recognise one's own key, too little to use it. Tokens under 20 characters show nothing but
 * a prefix such as `sk-`.
 */
export function maskToken(token: string): string {
  if (token.length >= 20) return `${token.slice(0, 5)}…${token.slice(-4)}`
  return `${/^[a-z]{1,4}[-_]/i.exec(token)?.[0] ?? ''}…`
}

/** The text with masks in the place of whatever looks like an API key: upstreams and users repeat them in messages. */
export function maskTokens(text: string): string {
  return text.replace(/\bsk-[\w-]{8,}/gi, maskToken)
}
