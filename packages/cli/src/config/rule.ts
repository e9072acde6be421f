import * as v from 'valibot'

/** Parses and checks a value. `rule` states the requirement, as it follows the option's name in a message. */
export interface Rule<T> {
  readonly schema: v.GenericSchema<unknown, T>
  readonly rule: string
  /** The values that there are, where they can be listed; text may hold several of them, separated by commas. */
  readonly choices?: readonly string[]
}

/** Accepts a number or its text: flags and variables arrive as text, files may hold numbers. */
const integerFrom = (): v.GenericSchema<unknown, number> =>
  v.pipe(v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d{1,15}$/), v.transform(Number))]), v.integer())

export function wholeNumber(range: { min: number; max?: number; unit?: string }): Rule<number> {
  const { min, max = Number.MAX_SAFE_INTEGER, unit } = range
  const noun = unit === undefined ? 'a whole number' : `a whole number of ${unit}`
  const extent = range.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`
  return {
    schema: v.pipe(integerFrom(), v.minValue(min), v.maxValue(max)),
    rule: `must be ${noun}${unit === undefined ? ' ' : ', '}${extent}`,
  }
}

export const positiveNumber: Rule<number> = {
  schema: v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/), v.transform(Number))]),
    v.finite(),
    v.gtValue(0),
  ),
  rule: 'must be a number above 0',
}

export const amount: Rule<string> = {
  schema: v.pipe(
    v.union([v.string(), v.pipe(v.number(), v.finite(), v.transform(String))]),
    v.regex(/^-?\d+(\.\d+)?$/),
  ),
  rule: 'must be an amount such as 12.50',
}

export const amountAbove: Rule<string> = {
  schema: v.pipe(amount.schema, v.regex(/^[^-]*[1-9]/)),
  rule: 'must be an amount above 0, such as 12.50',
}

/** One amount, or one amount per currency: an object in a file, JSON on the command line. */
export const amounts: Rule<string | Readonly<Record<string, string>>> = {
  schema: v.union([
    amount.schema,
    v.record(v.string(), amount.schema),
    v.pipe(
      v.string(),
      v.regex(/^\s*\{/),
      v.rawTransform<string, unknown>(({ dataset, addIssue, NEVER }) => {
        try {
          return JSON.parse(dataset.value)
        } catch {
          addIssue({ message: 'no JSON' })
          return NEVER
        }
      }),
      v.record(v.string(), amount.schema),
    ),
  ]),
  rule: 'must be an amount such as 12.50, or one amount per currency such as {"CNY": "12.50"}',
}

const separatorNames: Readonly<Record<string, string>> = {
  newline: '\n',
  comma: ',',
  space: ' ',
  semicolon: ';',
  tab: '\t',
}

/** What stands between two things: a name, or the text itself, in which `\n` and `\t` may be written as in code. */
export const separator: Rule<string> = {
  schema: v.pipe(
    v.string(),
    v.transform((given) => separatorNames[given] ?? given.replaceAll('\\n', '\n').replaceAll('\\t', '\t')),
    v.minLength(1),
    v.maxLength(10),
  ),
  rule: `must be one of ${Object.keys(separatorNames).join(', ')}, or text of 1 to 10 characters`,
}

export const text: Rule<string> = {
  schema: v.pipe(v.string(), v.trim(), v.minLength(1)),
  rule: 'must be text',
}

/** The name of a variable of the environment. */
export const variable: Rule<string> = {
  schema: v.pipe(v.string(), v.trim(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)),
  rule: 'must be the name of a variable',
}

const words: Readonly<Record<string, boolean>> = {
  '1': true,
  true: true,
  yes: true,
  on: true,
  '0': false,
  false: false,
  no: false,
  off: false,
}

export const toggle: Rule<boolean> = {
  schema: v.union([
    v.boolean(),
    v.pipe(
      v.string(),
      v.toLowerCase(),
      v.check((word) => words[word] !== undefined),
      v.transform((word) => words[word] === true),
    ),
  ]),
  rule: 'must be true or false',
}

export function oneOf<const T extends string>(choices: readonly T[]): Rule<T> {
  return { schema: v.picklist(choices), rule: `must be one of ${choices.join(', ')}`, choices }
}

/** Several of the choices, separated by commas, or as a list in a file. */
export function someOf<const T extends string>(choices: readonly T[]): Rule<readonly T[]> {
  return {
    schema: v.pipe(listOfText, v.array(v.picklist(choices))),
    rule: `must be one or more of ${choices.join(', ')}, separated by commas`,
    choices,
  }
}

const partsOf = (given: string | string[]): string[] => {
  const parts = typeof given === 'string' ? given.split(',') : given
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))]
}

const listOfText = v.pipe(v.union([v.string(), v.array(v.string())]), v.transform(partsOf), v.minLength(1))

const secretText = v.pipe(v.string(), v.trim(), v.regex(/^[\x21-\x7e]+$/))

export const secret: Rule<string> = {
  schema: secretText,
  rule: 'must be visible ASCII characters without spaces',
}

/** One secret or a list of secrets. Text is never split at commas, because a secret may contain one. */
export const secrets: Rule<readonly string[]> = {
  schema: v.pipe(
    v.union([
      v.array(secretText),
      v.pipe(
        secretText,
        v.transform((given) => [given]),
      ),
    ]),
    v.minLength(1),
  ),
  rule: secret.rule,
}

export const httpUrl: Rule<string> = {
  schema: v.pipe(
    v.string(),
    v.trim(),
    v.check((given) => {
      if (!URL.canParse(given)) return false
      const { protocol, username, password, search, hash } = new URL(given)
      return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '')
    }),
  ),
  rule: 'must be an http or https URL without credentials, query or fragment',
}

/** Parses text that begins like JSON, and returns any other text unchanged. */
function fromJson(text: string): unknown {
  const isJson = /^\s*(?:[[{]|(?:true|false|-?\d+(?:\.\d+)?)\s*$)/.test(text)
  return isJson ? JSON.parse(text) : text
}

function structureFrom(read: (text: string) => unknown): v.GenericSchema<unknown, unknown> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const given = dataset.value
      if (typeof given !== 'string') return given
      try {
        return read(given)
      } catch {
        addIssue({ message: 'no JSON' })
        return NEVER
      }
    }),
  )
}

/** Any structure: objects and lists in a file, JSON in a variable. The pool itself checks the contents. */
export const structure: Rule<unknown> = {
  schema: structureFrom(fromJson),
  rule: 'must be valid JSON',
}

/** The same as `structure`, but a list may also be written with commas. */
export const structureOrList: Rule<unknown> = {
  schema: structureFrom((text) => (/^\s*\[/.test(text) ? JSON.parse(text) : partsOf(text))),
  rule: structure.rule,
}

/** Makes a rule for a value that may be missing. */
export function optional<T>({ schema, ...rest }: Rule<T>): Rule<T | undefined> {
  return { schema, ...rest }
}
