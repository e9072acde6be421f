/**
 * The paths that vendors document below `/v1`, and that clients whose base URL lacks `/v1` may use here without it. `{}`
 * stands for one segment, `{+}` for one or more: ids of models hold slashes. What is not listed is reached below `/v1`.
 */

/**
 * https://platform.openai.com/docs/api-reference, as the resources of the npm package `openai` 6 have them. Its
 * `/organization` takes keys of administrators, which a pool does not hold.
 */
const openai = [
  ...['/assistants', '/assistants/{}'],
  ...['/audio/speech', '/audio/transcriptions', '/audio/translations', '/audio/voices'],
  ...['/audio/voice_consents', '/audio/voice_consents/{}'],
  ...['/batches', '/batches/{}', '/batches/{}/cancel'],
  ...['/chat/completions', '/chat/completions/{}', '/chat/completions/{}/messages'],
  ...['/chatkit/sessions', '/chatkit/sessions/{}/cancel'],
  ...['/chatkit/threads', '/chatkit/threads/{}', '/chatkit/threads/{}/items'],
  '/completions',
  ...['/containers', '/containers/{}', '/containers/{}/files', '/containers/{}/files/{}'],
  '/containers/{}/files/{}/content',
  ...['/conversations', '/conversations/{}', '/conversations/{}/items', '/conversations/{}/items/{}'],
  '/embeddings',
  ...['/evals', '/evals/{}', '/evals/{}/runs', '/evals/{}/runs/{}'],
  ...['/evals/{}/runs/{}/output_items', '/evals/{}/runs/{}/output_items/{}'],
  ...['/files', '/files/{}', '/files/{}/content'],
  ...['/fine_tuning/alpha/graders/run', '/fine_tuning/alpha/graders/validate'],
  ...['/fine_tuning/checkpoints/{}/permissions', '/fine_tuning/checkpoints/{}/permissions/{}'],
  ...['/fine_tuning/jobs', '/fine_tuning/jobs/{}', '/fine_tuning/jobs/{}/cancel'],
  ...['/fine_tuning/jobs/{}/pause', '/fine_tuning/jobs/{}/resume'],
  ...['/fine_tuning/jobs/{}/events', '/fine_tuning/jobs/{}/checkpoints'],
  ...['/images/generations', '/images/edits', '/images/variations'],
  ...['/models', '/models/{+}', '/moderations'],
  ...['/realtime', '/realtime/calls', '/realtime/client_secrets', '/realtime/sessions'],
  ...['/realtime/transcription_sessions', '/realtime/calls/{}/accept', '/realtime/calls/{}/hangup'],
  ...['/realtime/calls/{}/refer', '/realtime/calls/{}/reject'],
  ...['/responses', '/responses/{}', '/responses/{}/cancel', '/responses/{}/input_items'],
  ...['/responses/compact', '/responses/input_tokens'],
  ...['/skills', '/skills/{}', '/skills/{}/content', '/skills/{}/versions', '/skills/{}/versions/{}'],
  '/skills/{}/versions/{}/content',
  ...['/threads', '/threads/runs', '/threads/{}', '/threads/{}/messages', '/threads/{}/messages/{}'],
  ...['/threads/{}/runs', '/threads/{}/runs/{}', '/threads/{}/runs/{}/cancel'],
  ...['/threads/{}/runs/{}/submit_tool_outputs', '/threads/{}/runs/{}/steps', '/threads/{}/runs/{}/steps/{}'],
  ...['/uploads', '/uploads/{}/parts', '/uploads/{}/complete', '/uploads/{}/cancel'],
  ...['/vector_stores', '/vector_stores/{}', '/vector_stores/{}/search'],
  ...['/vector_stores/{}/files', '/vector_stores/{}/files/{}', '/vector_stores/{}/files/{}/content'],
  ...['/vector_stores/{}/file_batches', '/vector_stores/{}/file_batches/{}'],
  ...['/vector_stores/{}/file_batches/{}/cancel', '/vector_stores/{}/file_batches/{}/files'],
  ...['/videos', '/videos/{}', '/videos/{}/content', '/videos/{}/remix', '/videos/edits'],
  ...['/videos/extensions', '/videos/characters', '/videos/characters/{}'],
]

/** https://docs.anthropic.com/en/api, without its administrators' API. */
const anthropic = [
  ...['/messages', '/messages/count_tokens', '/messages/batches', '/messages/batches/{}'],
  ...['/messages/batches/{}/results', '/messages/batches/{}/cancel', '/complete'],
]

/** https://docs.siliconflow.cn/docs/api and https://docs.siliconflow.com/llms-full.txt. */
const siliconflow = [
  ...['/rerank', '/user/info', '/video/submit', '/video/status'],
  ...['/uploads/audio/voice', '/audio/voice/list', '/audio/voice/deletions'],
]

type Pattern = readonly string[]

/** The patterns by their first segment, which is never a placeholder. */
const patterns = new Map<string, Pattern[]>()
for (const path of [...openai, ...anthropic, ...siliconflow]) {
  const [, first = '', ...rest] = path.split('/')
  patterns.set(first, [...(patterns.get(first) ?? []), rest])
}

/** Whether a vendor documents the path, which holds no query and no doubled or trailing slash. */
export function isKnownPath(pathname: string): boolean {
  const [, first = '', ...rest] = pathname.split('/')
  return patterns.get(first)?.some((pattern) => matches(pattern, rest)) ?? false
}

function matches(pattern: Pattern, segments: readonly string[]): boolean {
  if (pattern.at(-1) === '{+}') return segments.length >= pattern.length
  return (
    segments.length === pattern.length &&
    pattern.every((part, index) => (part === '{}' ? segments[index] !== '' : part === segments[index]))
  )
}

/** All patterns, for tests. */
export const knownPaths: readonly string[] = [...openai, ...anthropic, ...siliconflow]
