import { generateText } from './text.js'

const maxDepth = 8

/** Makes a value that fits a JSON schema well enough to test an app: objects, lists, choices and plain values. */
export function sampleFromSchema(schema: unknown, seed: number, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > maxDepth) return null
  const facts = schema as Record<string, unknown>
  if ('const' in facts) return facts.const
  if ('default' in facts) return facts.default
  if (Array.isArray(facts.enum)) return facts.enum[0]
  const [choice] = [facts.anyOf, facts.oneOf].flatMap((options) => (Array.isArray(options) ? options : []))
  if (choice !== undefined) return sampleFromSchema(choice, seed, depth + 1)
  const type = Array.isArray(facts.type) ? facts.type[0] : facts.type
  switch (type ?? (facts.properties === undefined ? undefined : 'object')) {
    case 'object':
      return Object.fromEntries(
        Object.entries(facts.properties ?? {}).map(([name, property], index) => [
          name,
          sampleFromSchema(property, seed + index + 1, depth + 1),
        ]),
      )
    case 'array':
      return [sampleFromSchema(facts.items, seed + 1, depth + 1)]
    case 'string':
      return generateText(seed, 3).join('').trim()
    case 'integer':
    case 'number':
      return typeof facts.minimum === 'number' ? facts.minimum : seed % 100
    case 'boolean':
      return seed % 2 === 0
    default:
      return null
  }
}
