export type ResourceKind = 'file' | 'batch' | 'video' | 'voice'

/** Something that lives at the upstream in the account that created it; other accounts are told there is no such thing. */
export interface Resource {
  /** The upstream's id; of a voice, its URI. */
  readonly id: string
  readonly kind: ResourceKind
}

/** What a call does with resources. */
export interface ResourceUse {
  /**
   * - `creates`: makes a new one.
   * - `uses`: works with those it names, which costs money.
   * - `changes`, `ends`: calls off or removes those it names, for nothing.
   * - `reads`: only asks about them, so that asking several accounts does no harm.
   * - `lists`: asks for all of a kind; each account knows its own.
   */
  readonly effect: 'creates' | 'uses' | 'changes' | 'ends' | 'reads' | 'lists'
  /** Those that the request names. */
  readonly refers: readonly Resource[]
  /** What a good answer tells of, for `resourcesIn`: it all belongs to the account that answered. Null for nothing. */
  readonly tells: ResourceKind | null
}

/** Bodies of the routes below are a few hundred bytes; what is larger is no such request. */
const bodyLimit = 1024 * 1024
/** Longer than any id seen. */
const idLimit = 512

/** Whether a path may lead to a route with resources at all. Asked of every request, so it looks at a few letters. */
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
export function resourcesOf(method: string, path: string, body: Uint8Array | null): ResourceUse | null {
  if (!mayUseResources(path)) return null
  const query = path.indexOf('?')
  const route = (query === -1 ? path : path.slice(0, query)).replace(/\/$/, '')
  const [, family = '', id = '', action = '', ...rest] = route.split('/')
  if (rest.length > 0) return null
  if (family === 'files') return fileUse(method, id, action)
  if (family === 'batches') return batchUse({ method, id, action, body })
  const read = fixed.get(`${method} ${route}`)
  return read === undefined ? null : read(body)
}

function fileUse(method: string, id: string, action: string): ResourceUse | null {
  if (id === '') {
    if (method === 'POST') return { effect: 'creates', refers: [], tells: 'file' }
    return method === 'GET' ? { effect: 'lists', refers: [], tells: 'file' } : null
  }
  const refers = named('file', decoded(id))
  if (method === 'GET' && action === '') return { effect: 'reads', refers, tells: 'file' }
  if (method === 'GET' && action === 'content') return { effect: 'reads', refers, tells: null }
  return method === 'DELETE' && action === '' ? { effect: 'ends', refers, tells: null } : null
}

function batchUse(call: {
  method: string
  id: string
  action: string
  body: Uint8Array | null
}): ResourceUse | null {
  const { method, id, action, body } = call
  if (id === '') {
    if (method === 'GET') return { effect: 'lists', refers: [], tells: 'batch' }
    if (method !== 'POST') return null
    return { effect: 'creates', refers: named('file', paramsOf(body).input_file_id), tells: 'batch' }
  }
  const refers = named('batch', decoded(id))
  if (method === 'GET' && action === '') return { effect: 'reads', refers, tells: 'batch' }
  return method === 'POST' && action === 'cancel' ? { effect: 'changes', refers, tells: 'batch' } : null
}

type ReadUse = (body: Uint8Array | null) => ResourceUse | null

const fixed: ReadonlyMap<string, ReadUse> = new Map<string, ReadUse>([
  ['POST /video/submit', () => ({ effect: 'creates', refers: [], tells: 'video' })],
  ['POST /video/status', (body) => naming('reads', named('video', paramsOf(body).requestId))],
  ['POST /uploads/audio/voice', () => ({ effect: 'creates', refers: [], tells: 'voice' })],
  ['GET /audio/voice/list', () => ({ effect: 'lists', refers: [], tells: 'voice' })],
  ['POST /audio/voice/deletions', (body) => naming('ends', named('voice', paramsOf(body).uri))],
  ['POST /audio/speech', (body) => naming('uses', voicesIn(paramsOf(body)))],
])

/** A use that is one only when something is named. */
const naming = (effect: ResourceUse['effect'], refers: readonly Resource[]): ResourceUse | null =>
  refers.length === 0 ? null : { effect, refers, tells: null }

/** Voices of an account's own; the built-in ones, as in `model:alex`, are everybody's. */
function voicesIn({ voice, references }: Params): Resource[] {
  const spoken = Array.isArray(references) ? references.map((one) => (isParams(one) ? one.audio : null)) : []
  return [voice, ...spoken]
    .filter((uri) => typeof uri === 'string' && uri.startsWith('speech:'))
    .flatMap((uri) => named('voice', uri))
}

/**
 * The resources that an answer, or an entry of a list, tells of. Files come in SiliconFlow's envelope or bare; a
 * batch tells of its files too, once they are there.
 */
export function resourcesIn(kind: ResourceKind, answer: unknown): Resource[] {
  if (!isParams(answer)) return []
  const told = isParams(answer.data) ? answer.data : answer
  if (kind === 'video') return named(kind, told.requestId)
  if (kind === 'voice') return named(kind, told.uri)
  const own = named(kind, told.id)
  if (kind === 'file') return own
  const files = [told.input_file_id, told.output_file_id, told.error_file_id]
  return [...own, ...files.flatMap((id) => named('file', id))]
}

type Params = Readonly<Record<string, unknown>>

const isParams = (value: unknown): value is Params =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const named = (kind: ResourceKind, id: unknown): Resource[] =>
  typeof id === 'string' && id !== '' && id.length <= idLimit ? [{ id, kind }] : []

/** The fields of a JSON body; none when it is anything else. */
function paramsOf(body: Uint8Array | null): Params {
  if (body === null || body.length > bodyLimit) return {}
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return isParams(value) ? value : {}
  } catch {
    return {}
  }
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}
