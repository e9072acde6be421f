import { hexId } from './ids.js'
import { sampleFromSchema } from './schema-sample.js'
import { generateText, splitText } from './text.js'

/** A tool that the request offers. */
export interface OfferedTool {
  name: string
  /** The JSON schema of the arguments. */
  parameters: unknown
}

export interface ScriptedToolCall {
  id: string
  name: string
  /** The JSON of the arguments in pieces of one token each. */
  argumentPieces: readonly string[]
}

/** The scripted output of a model, in pieces of one token each. */
export interface Script {
  reasoning: readonly string[]
  content: readonly string[]
  toolCalls: readonly ScriptedToolCall[]
  finishReason: 'stop' | 'length' | 'tool_calls'
}

export interface ScriptOptions {
  seed: number
  random: () => number
  reasoningTokens: number
  contentTokens: number
  /** The most tokens of content; the chain of thought is not counted. */
  maxTokens: number
  /** The exact text of the answer. */
  text: string | undefined
  /** The tools to call, one call each. */
  tools: readonly OfferedTool[]
  /** The schema that the answer must fit, or `true` for any JSON object. */
  jsonSchema: unknown
}

const charactersPerPiece = 4

export function writeScript(options: ScriptOptions): Script {
  const { seed, reasoningTokens, maxTokens, tools } = options
  const reasoning = generateText(seed ^ 0x5eed, reasoningTokens)
  if (tools.length > 0) {
    return {
      reasoning,
      content: [],
      toolCalls: tools.map((tool) => callTool(tool, options)),
      finishReason: 'tool_calls',
    }
  }
  const content = writeContent(options)
  const isCut = content.length > maxTokens
  return {
    reasoning,
    content: isCut ? content.slice(0, maxTokens) : content,
    toolCalls: [],
    finishReason: isCut ? 'length' : 'stop',
  }
}

/** Counts the output tokens of a script. */
export function scriptTokens({ reasoning, content, toolCalls }: Script): number {
  const toolTokens = toolCalls.reduce((sum, { argumentPieces }) => sum + argumentPieces.length + 1, 0)
  return reasoning.length + content.length + toolTokens
}

function writeContent({ seed, contentTokens, text, jsonSchema }: ScriptOptions): string[] {
  if (text !== undefined) return splitIntoTokens(text)
  if (jsonSchema === undefined) return generateText(seed, contentTokens)
  const value =
    jsonSchema === true
      ? { answer: generateText(seed, contentTokens).join('') }
      : sampleFromSchema(jsonSchema, seed)
  return splitIntoTokens(JSON.stringify(value))
}

function callTool({ name, parameters }: OfferedTool, { seed, random }: ScriptOptions): ScriptedToolCall {
  const value = sampleFromSchema(parameters, seed) ?? {}
  return { id: hexId(random), name, argumentPieces: splitIntoTokens(JSON.stringify(value)) }
}

function splitIntoTokens(text: string): string[] {
  return splitText(text, Math.ceil(text.length / charactersPerPiece))
}
