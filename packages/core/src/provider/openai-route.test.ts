import { describe, expect, it } from 'vitest'
import { openaiRoute } from './openai-route.js'

describe('openaiRoute', () => {
  it.each([
    ['POST', '/chat/completions', 'chat', 'safe', 'done'],
    ['POST', '/chat/completions?debug=1', 'chat', 'safe', 'done'],
    ['POST', '/completions', 'completions', 'safe', 'done'],
    ['POST', '/messages', 'messages', 'safe', 'message_stop'],
    ['POST', '/embeddings', 'embeddings', 'safe', 'none'],
    ['POST', '/rerank', 'rerank', 'safe', 'none'],
    ['POST', '/audio/speech', 'speech', 'safe', 'none'],
    ['POST', '/audio/transcriptions', 'transcriptions', 'safe', 'none'],
    ['POST', '/video/status', 'video', 'safe', 'none'],
    ['GET', '/models', 'read', 'safe', 'none'],
    ['GET', '/files?purpose=batch', 'read', 'safe', 'none'],
    ['HEAD', '/models', 'read', 'safe', 'none'],
  ])(
    '%s %s may be sent again while the client received none of it',
    (method, path, name, repeat, terminator) => {
      expect(openaiRoute(method, path)).toEqual({ name, repeat, terminator })
    },
  )

  it.each([
    ['POST', '/images/generations', 'images'],
    ['POST', '/video/submit', 'video'],
    ['POST', '/uploads/audio/voice', 'other'],
    ['POST', '/audio/voice/deletions', 'other'],
    ['POST', '/files', 'other'],
    ['POST', '/batches', 'other'],
    ['POST', '/batches/batch_x/cancel', 'other'],
    ['DELETE', '/files/file-x', 'other'],
    ['PUT', '/models', 'other'],
    ['POST', '/something/new', 'other'],
    ['POST', 'constructor', 'other'],
  ])('%s %s is repeated only when the upstream did not run it for sure', (method, path, name) => {
    expect(openaiRoute(method, path)).toMatchObject({ name, repeat: 'if-refused' })
  })
})
