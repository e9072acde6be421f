import { isRecord, parseJson } from '../wire/json.js'
import { dataOf, splitEvents } from './split-events.js'

const suspicious = /"choices"\s*:\s*\[\s*\]/

/**
 * Whole events without the one that brings only the usage, which the upstream sends when it is asked for usage. The
 * other events keep every byte. `text` is the decoded bytes.
 */
export function withoutUsage(events: Buffer, text: string): Buffer {
  if (!suspicious.test(text)) return events
  const all = splitEvents(events)
  const kept = all.filter((event) => !isUsageEvent(event.toString()))
  return kept.length === all.length ? events : Buffer.concat(kept)
}

function isUsageEvent(event: string): boolean {
  if (!suspicious.test(event)) return false
  const parsed = parseJson(dataOf(event) ?? '')
  if (!isRecord(parsed) || parsed.prompt_filter_results !== undefined) return false
  const { choices, usage } = parsed
  return typeof usage === 'object' && usage !== null && Array.isArray(choices) && choices.length === 0
}
