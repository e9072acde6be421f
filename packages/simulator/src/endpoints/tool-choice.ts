import type { ReplyOverrides } from '../http/reply-overrides.js'
import type { OfferedTool } from '../reply/script.js'

/** The tool settings of a request, independent of its dialect. */
export interface ToolChoice {
  tools: readonly OfferedTool[]
  mode: 'none' | 'auto' | 'forced'
  /** The tool that the request names. */
  name: unknown
  /** Whether the last message is the answer of a tool. */
  isAnswered: boolean
}

const mostCalls = 128

/** Chooses the tools to call: a tool after a message of the user, none after a tool's answer, as agents expect. */
export function toolsToCall(
  { tools, mode, name, isAnswered }: ToolChoice,
  overrides: ReplyOverrides,
): OfferedTool[] {
  const chosen = tools.find((tool) => tool.name === name) ?? tools[0]
  if (chosen === undefined || mode === 'none') return []
  const count = overrides.toolCalls ?? (mode === 'forced' || !isAnswered ? 1 : 0)
  return Array.from({ length: Math.min(count, mostCalls) }, (_, index) =>
    index === 0 ? chosen : (tools[index % tools.length] ?? chosen),
  )
}
