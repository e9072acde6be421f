import { chatCompletions } from '../endpoints/chat.js'
import { embeddings } from '../endpoints/embeddings.js'
import { listModels } from '../endpoints/models.js'
import { userInfo } from '../endpoints/user-info.js'
import type { Reply } from '../reply/reply.js'
import type { AccountCall } from './call.js'

/** Answers a call; throws an `ApiError` where the platform refuses. `id` is the part of the path that varies. */
export type Endpoint = (call: AccountCall, id: string) => Reply | Promise<Reply>

/** An endpoint that a method and a path lead to. */
export interface Route {
  endpoint: Endpoint
  id: string
  /** The key may come in `x-api-key` too. */
  takesApiKey?: boolean
}

const fixed: ReadonlyMap<string, Route> = new Map(
  Object.entries({
    'POST /v1/chat/completions': chatCompletions,
    'POST /v1/embeddings': embeddings,
    'GET /v1/models': listModels,
    'GET /v1/user/info': userInfo,
  } satisfies Record<string, Endpoint>).map(([name, endpoint]) => [name, { endpoint, id: '' }]),
)

export function findRoute(method: string, path: string): Route | undefined {
  return fixed.get(`${method} ${path}`)
}
