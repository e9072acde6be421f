import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { mayUseResources, type ResourceUse, resourcesIn, resourcesOf } from './resources.js'

const bytes = (body: unknown): Uint8Array => Buffer.from(JSON.stringify(body))
const uri = 'speech:my-voice:cm04-fake:mjtkgbyuun'

/** In a few words, as in `reads file file-1, tells file`. */
function words(use: ResourceUse | null): string {
  if (use === null) return 'nothing'
  const names = use.refers.map(({ kind, id }) => ` ${kind} ${id}`).join('')
  return `${use.effect}${names}${use.tells === null ? '' : `, tells ${use.tells}`}`
}

const calls: [call: string, body: unknown, use: string][] = [
  ['POST /files', undefined, 'creates, tells file'],
  ['GET /files', undefined, 'lists, tells file'],
  ['GET /files/', undefined, 'lists, tells file'],
  ['GET /files/file-1', undefined, 'reads file file-1, tells file'],
  ['GET /files/file%2F1', undefined, 'reads file file/1, tells file'],
  ['GET /files/file%', undefined, 'reads file file%, tells file'],
  ['GET /files/file-1/content', undefined, 'reads file file-1'],
  ['DELETE /files/file-1', undefined, 'ends file file-1'],
  ['POST /batches', { input_file_id: 'file-1' }, 'creates file file-1, tells batch'],
  ['POST /batches', {}, 'creates, tells batch'],
  ['GET /batches', undefined, 'lists, tells batch'],
  ['GET /batches/batch_1', undefined, 'reads batch batch_1, tells batch'],
  ['POST /batches/batch_1/cancel', undefined, 'changes batch batch_1, tells batch'],
  ['POST /video/submit', { model: 'm', prompt: 'p' }, 'creates, tells video'],
  ['POST /video/status', { requestId: 'v1' }, 'reads video v1'],
  ['POST /uploads/audio/voice', { customName: 'x' }, 'creates, tells voice'],
  ['GET /audio/voice/list', undefined, 'lists, tells voice'],
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
  return resourcesOf(method, path + query, body === undefined ? null : bytes(body))
}

describe('a call', () => {
  it.each(calls)('%s with %j %s', (call, body, expected) => {
    expect(words(use(call, body))).toBe(expected)
  })

  it.each(nothing)('%s with %j has to do with no resource', (call, body) => {
    expect(use(call, body)).toBeNull()
  })

  it('is read the same whatever its query', () => {
    for (const query of ['?', '?purpose=batch&limit=2', '?after=/files/x', '?a=%2Fcancel?b']) {
      for (const [call, body, expected] of calls) expect(words(use(call, body, query))).toBe(expected)
      for (const [call, body] of nothing) expect(use(call, body, query)).toBeNull()
    }
  })

  it('of a body that is too large, broken or not at hand names nothing', () => {
    const large = bytes({ requestId: 'v1', padding: 'x'.repeat(1024 * 1024) })
    expect(resourcesOf('POST', '/video/status', large)).toBeNull()
    expect(resourcesOf('POST', '/video/status', Buffer.from('{"requestId":"v1"'))).toBeNull()
    expect(resourcesOf('POST', '/video/status', null)).toBeNull()
    const form = Buffer.from('--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--x--')
    expect(words(resourcesOf('POST', '/files', form))).toBe('creates, tells file')
  })

  it('never throws, and is found by its path alone', () => {
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
          const found = resourcesOf(method, path, body)
          expect(found === null || mayUseResources(path)).toBe(true)
        },
      ),
    )
  })
})

describe('an answer', () => {
  const ids = (kind: Parameters<typeof resourcesIn>[0], answer: unknown): string[] =>
    resourcesIn(kind, answer).map((told) => `${told.kind} ${told.id}`)

  it('of an upload tells the file, in an envelope or bare', () => {
    expect(ids('file', { code: 20_000, status: true, data: { id: 'file-1', object: 'file' } })).toEqual([
      'file file-1',
    ])
    expect(ids('file', { id: 'file-2', object: 'file' })).toEqual(['file file-2'])
  })

  it('about a batch tells its files too, once they are there', () => {
    const batch = { id: 'batch_1', input_file_id: 'file-1', output_file_id: null, error_file_id: null }
    expect(ids('batch', batch)).toEqual(['batch batch_1', 'file file-1'])
    expect(ids('batch', { ...batch, output_file_id: 'file-2', error_file_id: 'file-3' })).toEqual([
      'batch batch_1',
      'file file-1',
      'file file-2',
      'file file-3',
    ])
  })

  it('tells a video by its request, and a voice by its address', () => {
    expect(ids('video', { requestId: 'v1' })).toEqual(['video v1'])
    expect(ids('voice', { uri })).toEqual([`voice ${uri}`])
  })

  it.each([null, 'Ok', 7, [], {}, { data: null }, { id: 5 }, { id: '' }, { uri: {} }])(
    'of another shape (%j) tells nothing',
    (answer) => {
      for (const kind of ['file', 'batch', 'video', 'voice'] as const) expect(ids(kind, answer)).toEqual([])
    },
  )
})
