import { cancelBatch, createBatch, getBatch, listBatches } from '../endpoints/batches.js'
import { chatCompletions } from '../endpoints/chat.js'
import { completions } from '../endpoints/completions.js'
import { embeddings } from '../endpoints/embeddings.js'
import { deleteFile, listFiles, uploadFile } from '../endpoints/files.js'
import { imageGenerations } from '../endpoints/images.js'
import { messages } from '../endpoints/messages.js'
import { listModels } from '../endpoints/models.js'
import { rerank } from '../endpoints/rerank.js'
import { speech } from '../endpoints/speech.js'
import { transcriptions } from '../endpoints/transcriptions.js'
import { userInfo } from '../endpoints/user-info.js'
import { submitVideo, videoStatus } from '../endpoints/video.js'
import { deleteVoice, listVoices, uploadVoice } from '../endpoints/voices.js'
import type { Reply } from '../reply/reply.js'
import type { AccountCall } from './call.js'

/** Answers a call, or throws an `ApiError` when the platform refuses it. `id` is the variable part of the path. */
type Endpoint = (call: AccountCall, id: string) => Reply | Promise<Reply>

/** The endpoint of a method and a path. */
export interface Route {
  endpoint: Endpoint
  id: string
  /** Whether the key may also come in `x-api-key`. */
  takesApiKey?: boolean
}

const fixed: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['POST /v1/messages', { endpoint: messages, id: '', takesApiKey: true }],
  ...Object.entries({
    'POST /v1/chat/completions': chatCompletions,
    'POST /v1/completions': completions,
    'POST /v1/embeddings': embeddings,
    'POST /v1/rerank': rerank,
    'POST /v1/images/generations': imageGenerations,
    'POST /v1/video/submit': submitVideo,
    'POST /v1/video/status': videoStatus,
    'POST /v1/audio/speech': speech,
    'POST /v1/audio/transcriptions': transcriptions,
    'POST /v1/uploads/audio/voice': uploadVoice,
    'GET /v1/audio/voice/list': listVoices,
    'POST /v1/audio/voice/deletions': deleteVoice,
    'GET /v1/models': listModels,
    'GET /v1/user/info': userInfo,
    'POST /v1/files': uploadFile,
    'GET /v1/files': listFiles,
    'POST /v1/batches': createBatch,
    'GET /v1/batches': listBatches,
  } satisfies Record<string, Endpoint>).map(([name, endpoint]): [string, Route] => [
    name,
    { endpoint, id: '' },
  ]),
])

/** Paths with a variable part. The content of files has no route, as on the platform. */
const varying: readonly [pattern: RegExp, endpoint: Endpoint][] = [
  [/^DELETE \/v1\/files\/([^/]+)$/, deleteFile],
  [/^GET \/v1\/batches\/([^/]+)$/, getBatch],
  [/^POST \/v1\/batches\/([^/]+)\/cancel$/, cancelBatch],
  [/^POST \/v1\/(.+)\/(?:text|image)-to-image$/, imageGenerations],
]

export function findRoute(method: string, path: string): Route | undefined {
  const name = `${method} ${path}`
  const route = fixed.get(name)
  if (route !== undefined) return route
  for (const [pattern, endpoint] of varying) {
    const match = pattern.exec(name)
    if (match !== null) return { endpoint, id: match[1] ?? '' }
  }
  return undefined
}
