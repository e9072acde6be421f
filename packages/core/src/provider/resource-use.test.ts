import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { mayUseResources, type ResourceUse, resourceUseOf } from './resource-use.js'

const bytes = (body: unknown): Uint8Array => Buffer.from(JSON.stringify(body))
const uri = 'speech:my-voice:cm04-fake:mjtkgbyuun'

/** A use in short, as in `reads file file-1, answers with file`. */
function inShort(use: ResourceUse | null): string {
  if (use === null) return 'nothing'
  const names = use.refers.map(({ kind, id }) => ` ${kind} ${id}`).join('')
  return `${use.effect}${names}${use.answersWith === null ? '' : `, answers with ${use.answersWith}`}`
}

const calls: [call: string, body: unknown, use: string][] = [
  ['POST /files', undefined, 'creates, answers with file'],
  ['GET /files', undefined, 'lists, answers with file'],
  ['GET /files/', undefined, 'lists, answers with file'],
  ['GET /files/file-1', undefined, 'reads file file-1, answers with file'],
  ['GET /files/file%2F1', undefined, 'reads file file/1, answers with file'],
  ['GET /files/file%', undefined, 'reads file file%, answers with file'],
  ['GET /files/file-1/content', undefined, 'reads file file-1'],
  ['DELETE /files/file-1', undefined, 'ends file file-1'],
  ['POST /batches', { input_file_id: 'file-1' }, 'creates file file-1, answers with batch'],
  ['POST /batches', {}, 'creates, answers with batch'],
  ['GET /batches', undefined, 'lists, answers with batch'],
  ['GET /batches/batch_1', undefined, 'reads batch batch_1, answers with batch'],
  ['POST /batches/batch_1/cancel', undefined, 'changes batch batch_1, answers with batch'],
  ['POST /video/submit', { model: 'm', prompt: 'p' }, 'creates, answers with video'],
  ['POST /video/status', { requestId: 'v1' }, 'reads video v1'],
  ['POST /uploads/audio/voice', { customName: 'x' }, 'creates, answers with voice'],
  ['GET /audio/voice/list', undefined, 'lists, answers with voice'],
  ['POST /audio/voice/deletions', { uri }, `ends voice ${uri}`],
  ['POST /audio/speech', { voice: uri }, `uses voice ${uri}`],
  [
    'POST /audio/speech',
    { voice: '', references: [{ audio: uri, text: 't' }, 'x', { audio: 'https://example.com/a.mp3' }] },
    `uses voice ${uri}`,
  ],
]

const nothing: [call: string, body: unknown][] = [
  ['POST /chat/completions', { model: 'm', voice: uri }],
  ['GET /models', undefined],
  ['', undefined],
  ['GET ', undefined],
  ['GET /', undefined],
  ['GET /filesystem', undefined],
  ['PUT /files/file-1', undefined],
  ['PATCH /files', undefined],
  ['GET /files/file-1/other', undefined],
  ['POST /files/file-1/content', undefined],
  ['GET /files/file-1/content/more', undefined],
  ['DELETE /batches', undefined],
  ['GET /batches/batch_1/cancel', undefined],
  ['GET /video/status', undefined],
  ['POST /video/status', {}],
  ['POST /video/status', { requestId: 7 }],
  ['POST /video/status', { requestId: 'x'.repeat(513) }],
  ['POST /video/status', 'a text'],
  ['POST /audio/speech', { voice: 'fishaudio/fish-speech-1.5:alex' }],
  ['POST /audio/speech', { voice: 5, references: 'none' }],
  ['POST /audio/voice/deletions', { uri: '' }],
  ['POST /audio/transcriptions', undefined],
]

const use = (call: string, body: unknown, query = ''): ResourceUse | null => {
  const [method = '', path = ''] = call.split(' ')
  return resourceUseOf(method, path + query, body === undefined ? null : bytes(body))
}

describe('resourceUseOf', () => {
  it.each(calls)('the call %s with %j %s', (call, body, expected) => {
    expect(inShort(use(call, body))).toBe(expected)
  })

  it.each(nothing)('the call %s with %j uses no resource', (call, body) => {
    expect(use(call, body)).toBeNull()
  })

  it('the query of a call does not change what it does with resources', () => {
    for (const query of ['?', '?purpose=batch&limit=2', '?after=/files/x', '?a=%2Fcancel?b']) {
      for (const [call, body, expected] of calls) expect(inShort(use(call, body, query))).toBe(expected)
      for (const [call, body] of nothing) expect(use(call, body, query)).toBeNull()
    }
  })

  it('a body that is too large, broken or not at hand names no resource', () => {
    const large = bytes({ requestId: 'v1', padding: 'x'.repeat(1024 * 1024) })
    expect(resourceUseOf('POST', '/video/status', large)).toBeNull()
    expect(resourceUseOf('POST', '/video/status', Buffer.from('{"requestId":"v1"'))).toBeNull()
    expect(resourceUseOf('POST', '/video/status', null)).toBeNull()
    const form = Buffer.from('--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--x--')
    expect(inShort(resourceUseOf('POST', '/files', form))).toBe('creates, answers with file')
  })

  it('no call makes resourceUseOf throw, and mayUseResources knows the path of every use', () => {
    const segment = fc.oneof(
      fc.constantFrom('files', 'batches', 'video', 'audio', 'voice', 'list', 'speech', 'content', 'cancel'),
      fc.string(),
    )
    assertProperty(
      fc.property(
        fc.constantFrom('GET', 'POST', 'DELETE'),
        fc.array(segment).map((parts) => `/${parts.join('/')}`),
        fc.oneof(
          fc.constant(null),
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (method, path, body) => {
          const found = resourceUseOf(method, path, body)
          expect(found === null || mayUseResources(path)).toBe(true)
        },
      ),
    )
  })
})
