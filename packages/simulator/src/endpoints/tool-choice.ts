import type { ReplyOverrides } from '../http/reply-overrides.js'
import type { OfferedTool } from '../reply/script.js'

/** What a request says about its tools, whatever its dialect. */
export interface ToolChoice {
  tools: readonly OfferedTool[]
  mode: 'none' | 'auto' | 'forced'
  /** The tool that is asked for by name. */
  name: unknown
  /** A tool has had the last word. */
  isAnswered: boolean
}

const mostCalls = 128

/** Calls the first tool while the user has the last word, and talks once a tool has answered, as agents expect. */
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
