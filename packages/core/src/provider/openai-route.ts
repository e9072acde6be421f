import type { Route } from './provider.js'

const chat: Route = { name: 'chat', repeat: 'safe', terminator: 'done' }
const other: Route = { name: 'other', repeat: 'if-refused', terminator: 'none' }
const read: Route = { name: 'read', repeat: 'safe', terminator: 'none' }

/**
 * What may be sent twice, by path. A text may be generated again as long as the client received none of it. Images and
 * videos cost too much, and files, batches and voices would exist twice.
 */
const posts: ReadonlyMap<string, Route> = new Map(
  Object.entries({
    '/chat/completions': chat,
    '/completions': { ...chat, name: 'completions' },
    '/responses': { name: 'responses', repeat: 'if-refused', terminator: 'response_end' },
    '/messages': { name: 'messages', repeat: 'safe', terminator: 'message_stop' },
    '/messages/count_tokens': { name: 'messages', repeat: 'safe', terminator: 'none' },
    '/embeddings': { name: 'embeddings', repeat: 'safe', terminator: 'none' },
    '/rerank': { name: 'rerank', repeat: 'safe', terminator: 'none' },
    '/moderations': { name: 'moderations', repeat: 'safe', terminator: 'none' },
    '/audio/speech': { name: 'speech', repeat: 'safe', terminator: 'none' },
    '/audio/transcriptions': { name: 'transcriptions', repeat: 'safe', terminator: 'none' },
    '/audio/translations': { name: 'transcriptions', repeat: 'safe', terminator: 'none' },
    '/images/generations': { name: 'images', repeat: 'if-refused', terminator: 'none' },
    '/images/edits': { name: 'images', repeat: 'if-refused', terminator: 'none' },
    '/video/submit': { name: 'video', repeat: 'if-refused', terminator: 'none' },
    '/video/status': { name: 'video', repeat: 'safe', terminator: 'none' },
  }),
)

/** The route table of OpenAI-compatible APIs, SiliconFlow's own endpoints included. Unknown writes are not repeated. */
export function openaiRoute(method: string, path: string): Route {
  if (method === 'POST') {
    const query = path.indexOf('?')
    return posts.get(query === -1 ? path : path.slice(0, query)) ?? other
  }
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? read : other
}
