import { isRecord } from '../wire/json.js'
import { namedResource, type Resource, type ResourceKind } from './resource.js'

/**
 * The resources in an answer, or in an entry of a list. Files come in SiliconFlow's envelope or bare. A batch names its
 * files too, as soon as they exist.
 */
export function resourcesIn(kind: ResourceKind, answer: unknown): Resource[] {
  if (!isRecord(answer)) return []
  const fields = isRecord(answer.data) ? answer.data : answer
  if (kind === 'video') return namedResource(kind, fields.requestId)
  if (kind === 'voice') return namedResource(kind, fields.uri)
  const own = namedResource(kind, fields.id)
  if (kind === 'file') return own
  const files = [fields.input_file_id, fields.output_file_id, fields.error_file_id]
  return [...own, ...files.flatMap((id) => namedResource('file', id))]
}
