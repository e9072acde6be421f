import { describe, expect, it } from 'vitest'
import { resourcesIn } from './resources-in.js'

const uri = 'speech:my-voice:cm04-fake:mjtkgbyuun'

describe('resourcesIn', () => {
  const ids = (kind: Parameters<typeof resourcesIn>[0], answer: unknown): string[] =>
    resourcesIn(kind, answer).map((resource) => `${resource.kind} ${resource.id}`)

  it('the answer to an upload holds the file, in an envelope or bare', () => {
    expect(ids('file', { code: 20_000, status: true, data: { id: 'file-1', object: 'file' } })).toEqual([
      'file file-1',
    ])
    expect(ids('file', { id: 'file-2', object: 'file' })).toEqual(['file file-2'])
  })

  it('an answer about a batch holds its files too, as soon as they exist', () => {
    const batch = { id: 'batch_1', input_file_id: 'file-1', output_file_id: null, error_file_id: null }
    expect(ids('batch', batch)).toEqual(['batch batch_1', 'file file-1'])
    expect(ids('batch', { ...batch, output_file_id: 'file-2', error_file_id: 'file-3' })).toEqual([
      'batch batch_1',
      'file file-1',
      'file file-2',
      'file file-3',
    ])
  })

  it('a video is found by its request id, and a voice by its URI', () => {
    expect(ids('video', { requestId: 'v1' })).toEqual(['video v1'])
    expect(ids('voice', { uri })).toEqual([`voice ${uri}`])
  })

  it.each([null, 'Ok', 7, [], {}, { data: null }, { id: 5 }, { id: '' }, { uri: {} }])(
    'an answer of another shape (%j) holds no resource',
    (answer) => {
      for (const kind of ['file', 'batch', 'video', 'voice'] as const) expect(ids(kind, answer)).toEqual([])
    },
  )
})
