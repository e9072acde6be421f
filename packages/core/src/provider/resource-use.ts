import { isRecord, parseJson } from '../wire/json.js'
import { namedResource, type Resource, type ResourceKind } from './resource.js'

/** What a call does with resources. */
export interface ResourceUse {
  /**
   * - `creates`: makes a new one.
   * - `uses`: works with those it names, which costs money.
   * - `changes`, `ends`: cancels or removes those it names, at no cost.
   * - `reads`: only asks about them, so that asking several accounts does no harm.
   * - `lists`: asks for all of a kind; each account lists its own.
   */
  readonly effect: 'creates' | 'uses' | 'changes' | 'ends' | 'reads' | 'lists'
  /** The resources that the request names. */
  readonly refers: readonly Resource[]
  /** What `resourcesIn` finds in a good answer: it all belongs to the account that answered. Null for nothing. */
  readonly answersWith: ResourceKind | null
}

/** Bodies of the routes below are a few hundred bytes; a larger one is no such request. */
const bodyLimit = 1024 * 1024

/** Whether a path may lead to a route with resources. Every request comes here, so it looks at a few letters only. */
export function mayUseResources(path: string): boolean {
  switch (path[1]) {
    case 'a':
      return path.startsWith('/audio/speech') || path.startsWith('/audio/voice/')
    case 'b':
      return path.startsWith('/batches')
    case 'f':
      return path.startsWith('/files')
    case 'u':
      return path.startsWith('/uploads/audio/voice')
    case 'v':
      return path.startsWith('/video/')
    default:
      return false
  }
}

/**
 * What a call does with files, batches, videos and voices of OpenAI-compatible APIs, SiliconFlow's own included; null
 * for nothing. `path` is below the base URL and may hold a query; `body` is null where its bytes are not at hand.
 */
export function resourceUseOf(method: string, path: string, body: Uint8Array | null): ResourceUse | null {
  if (!mayUseResources(path)) return null
  const query = path.indexOf('?')
  const route = (query === -1 ? path : path.slice(0, query)).replace(/\/$/, '')
  const [, family = '', id = '', action = '', ...rest] = route.split('/')
  if (rest.length > 0) return null
  if (family === 'files') return fileUse(method, id, action)
  if (family === 'batches') return batchUse({ method, id, action, body })
  const useOf = fixedRoutes.get(`${method} ${route}`)
  return useOf === undefined ? null : useOf(body)
}

function fileUse(method: string, id: string, action: string): ResourceUse | null {
  if (id === '') {
    if (method === 'POST') return { effect: 'creates', refers: [], answersWith: 'file' }
    return method === 'GET' ? { effect: 'lists', refers: [], answersWith: 'file' } : null
  }
  const refers = namedResource('file', decoded(id))
  if (method === 'GET' && action === '') return { effect: 'reads', refers, answersWith: 'file' }
  if (method === 'GET' && action === 'content') return { effect: 'reads', refers, answersWith: null }
  return method === 'DELETE' && action === '' ? { effect: 'ends', refers, answersWith: null } : null
}

function batchUse(call: {
  method: string
  id: string
  action: string
  body: Uint8Array | null
}): ResourceUse | null {
  const { method, id, action, body } = call
  if (id === '') {
    if (method === 'GET') return { effect: 'lists', refers: [], answersWith: 'batch' }
    if (method !== 'POST') return null
    const refers = namedResource('file', fieldsOf(body).input_file_id)
    return { effect: 'creates', refers, answersWith: 'batch' }
  }
  const refers = namedResource('batch', decoded(id))
  if (method === 'GET' && action === '') return { effect: 'reads', refers, answersWith: 'batch' }
  return method === 'POST' && action === 'cancel' ? { effect: 'changes', refers, answersWith: 'batch' } : null
}

type UseOfBody = (body: Uint8Array | null) => ResourceUse | null

const fixedRoutes: ReadonlyMap<string, UseOfBody> = new Map<string, UseOfBody>([
  ['POST /video/submit', () => ({ effect: 'creates', refers: [], answersWith: 'video' })],
  ['POST /video/status', (body) => useOfNamed('reads', namedResource('video', fieldsOf(body).requestId))],
  ['POST /uploads/audio/voice', () => ({ effect: 'creates', refers: [], answersWith: 'voice' })],
  ['GET /audio/voice/list', () => ({ effect: 'lists', refers: [], answersWith: 'voice' })],
  ['POST /audio/voice/deletions', (body) => useOfNamed('ends', namedResource('voice', fieldsOf(body).uri))],
  ['POST /audio/speech', (body) => useOfNamed('uses', voicesIn(fieldsOf(body)))],
])

/** Null when the request names no resource: then any account may serve it. */
const useOfNamed = (effect: ResourceUse['effect'], refers: readonly Resource[]): ResourceUse | null =>
  refers.length === 0 ? null : { effect, refers, answersWith: null }

/** The voices of one account. Built-in voices, as in `model:alex`, work with every account. */
function voicesIn({ voice, references }: Record<string, unknown>): Resource[] {
  const spoken = Array.isArray(references) ? references.map((one) => (isRecord(one) ? one.audio : null)) : []
  return [voice, ...spoken]
    .filter((uri) => typeof uri === 'string' && uri.startsWith('speech:'))
    .flatMap((uri) => namedResource('voice', uri))
}

/** The fields of a JSON body; none when the body is anything else. */
function fieldsOf(body: Uint8Array | null): Record<string, unknown> {
  if (body === null || body.length > bodyLimit) return {}
  const value = parseJson(new TextDecoder().decode(body))
  return isRecord(value) ? value : {}
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
