import * as v from 'valibot'
import type { Rule } from './rule.js'

/** Origins whose web pages may call: all, or a list. */
export type Origins = true | readonly string[]

/** `*`, or origins separated by commas or spaces; in a file also a list, or true for all. */
export const origins: Rule<Origins | undefined> = {
  schema: v.pipe(
    v.union([v.boolean(), v.string(), v.array(v.string())]),
    v.rawTransform<boolean | string | string[], Origins | undefined>(({ dataset, addIssue, NEVER }) => {
      const given = dataset.value
      if (typeof given === 'boolean') return given ? true : undefined
      const words = (typeof given === 'string' ? [given] : given).flatMap((text) => text.split(/[\s,;]+/))
      const written = words.filter((word) => word !== '')
      if (written.length === 1 && /^(?:\*|true)$/i.test(written[0] ?? '')) return true
      if (written.length === 1 && /^false$/i.test(written[0] ?? '')) return undefined
      const found = written.map(originOf)
      if (found.length > 0 && found.every((origin) => origin !== undefined)) return [...new Set(found)]
      addIssue({ message: 'no origin' })
      return NEVER
    }),
  ),
  rule: 'must be *, or origins such as https://app.example, separated by commas',
}

/** An origin as browsers send it: in lower case, without the port that the scheme has anyway, and without a slash. */
function originOf(written: string): string | undefined {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#*@\s]+)\/?$/i.exec(written)
  if (match === null || !URL.canParse(written)) return undefined
  const { origin } = new URL(written)
  // Browsers know no origin of other schemes, but apps on a desktop send them.
  return origin === 'null' ? `${match[1]}${match[2]}`.toLowerCase() : origin
}
