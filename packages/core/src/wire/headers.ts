/** The first value of a header in a flat list (name, value, name, value…) whose names are in lower case. */
export function headerValue(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return headers[at + 1]
  }
  return undefined
}

/** All values of a header that is a list, joined as RFC 9110, 5.3 says; undefined where there is none. */
export function joinedValues(headers: readonly string[], name: string): string | undefined {
  let joined: string | undefined
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name)
      joined = joined === undefined ? headers[at + 1] : `${joined}, ${headers[at + 1]}`
  }
  return joined
}

/** The first value of a header in a list that a client sent, whose names are in any case; `name` is in lower case. */
export function rawHeaderValue(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    const raw = headers[at] as string
    if (raw.length === name.length && raw.toLowerCase() === name) return headers[at + 1]
  }
  return undefined
}

/** A copy of a flat list without the headers of these names. */
export function withoutHeaders(headers: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string
    if (!names.has(name)) kept.push(name, headers[at + 1] as string)
  }
  return kept
}
