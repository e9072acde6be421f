import { type KeyInput, parseKeys } from '@sfpool/core'
import { CliError } from '../cli-error.js'

const numbered = /^SILICONFLOW_API_KEY(?:_(\d+))?$/

/**
 * Reads keys from `SILICONFLOW_API_KEY` and `SILICONFLOW_API_KEY_1…n`, in the order of their numbers. A variable may hold
 * several keys, in any form that a key file may have: quotes, separators, comments and `export` are what `.env` and
 * compose files leave in a value. Each key is labelled with its variable. The numbers may have gaps; a repeated secret
 * counts once. Throws a `CliError` that names a variable which holds anything else, and never its value.
 */
export function environmentKeys(environment: Readonly<Record<string, string | undefined>>): KeyInput[] {
  const found: { order: number; variable: string; keys: ReturnType<typeof keysOf> }[] = []
  for (const [variable, value = ''] of Object.entries(environment)) {
    const match = numbered.exec(variable)
    if (match === null || isEmpty(value)) continue
    found.push({ order: Number(match[1] ?? 0), variable, keys: keysOf(variable, value) })
  }
  const seen = new Set<string>()
  return found
    .sort((one, other) => one.order - other.order)
    .flatMap(({ variable, keys }) =>
      keys.map(({ secret, balance }, index) => ({
        secret,
        label: keys.length === 1 ? variable : `${variable} #${index + 1}`,
        ...(balance === undefined ? {} : { balance }),
      })),
    )
    .filter(({ secret }) => !seen.has(secret) && seen.add(secret))
}

/** Whether a value says nothing: blanks, quotes around nothing, separators, a comment. */
const isEmpty = (value: string): boolean => /^[\s"',;]*(?:#.*)?$/.test(value)

function keysOf(variable: string, value: string): { secret: string; balance?: string }[] {
  // What writes the variable may leave a line break as it is written in quotes. No key holds a backslash.
  const text = value.replace(/\\[nrt]/g, '\n')
  const { keys, rejected } = parseKeys(text)
  if (rejected.length > 0 || keys.length === 0 || hasMore(text, keys)) {
    const lines = [...new Set(rejected.map(({ line }) => line))]
    const place = lines.length > 0 && /[\n\r]/.test(value.trim()) ? `, in line ${lines[0]} of it` : ''
    throw new CliError(`${variable} holds something that is not an API key${place}`, {
      hint: `Set ${variable} to one key, or to several separated by commas`,
    })
  }
  return keys
}

/** Names in front of values, comments, and the marks around keys. */
const surroundings = /(?<![\w-])[A-Za-z_]\w*["']?\s*[=:]|#.*$|["'`“”‘’[\]{}()]|^\s*-\s|\b(?:export|set)\s/gm

/**
 * Whether a text holds more than keys and amounts. In a file, a word beside a key is a note; in a variable it is a key
 * that was mistyped.
 */
function hasMore(
  text: string,
  keys: readonly { readonly secret: string; readonly balance?: string }[],
): boolean {
  const known = new Set(keys.flatMap(({ secret, balance }) => [secret, balance]))
  const words = text
    .replace(/[\p{Cf}]/gu, '')
    .replace(surroundings, ' ')
    .split(/[\s,;:|，；、：｜]+|-{4,}/)
  return words.some((word) => word !== '' && !known.has(word))
}
